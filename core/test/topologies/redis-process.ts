import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { freePort } from '../support/free-port.ts';

const READY_WITHIN_MS = 10_000;
const MAX_TRIES = 5;
const ASKED_AGAIN_MS = 500;
const FETCH = join(import.meta.dirname, '..', '..', '..', 'infra', 'local', 'redis.sh');

/** One server of several, which a test may kill. */
export interface RedisProcess {
  readonly port: number;
  readonly child: ChildProcess;
  /** For the test's own questions. */
  readonly client: Redis;
}

/** Servers that belong together, in a folder of their own. */
export class RedisProcesses {
  readonly all: RedisProcess[] = [];
  private readonly dir = mkdtempSync(join(tmpdir(), 'isartor-redis-'));

  /**
   * Starts a server that answers. `settings` are lines of its configuration, made anew for each try: a port that was free
   * a moment ago may be taken by another server.
   */
  async start(
    settings: () => readonly string[] | Promise<readonly string[]>,
    flags: readonly string[] = [],
  ): Promise<RedisProcess> {
    for (let tries = 1; ; tries += 1) {
      const started = await this.tryToStart(await settings(), flags);
      if (started !== undefined) return started;
      if (tries === MAX_TRIES) throw new Error(`redis-server has not started in ${MAX_TRIES} tries`);
    }
  }

  /** Undefined where it ends at once. */
  private async tryToStart(settings: readonly string[], flags: readonly string[]): Promise<RedisProcess | undefined> {
    const port = await freePort();
    const file = join(this.dir, `${port}.conf`);
    const base = [`port ${port}`, 'bind 127.0.0.1', 'save ""', 'appendonly no', `dir ${this.dir}`];
    writeFileSync(file, [...base, ...settings].join('\n'));
    const child = spawn(await program(), [file, ...flags], { stdio: 'ignore' });
    const client = new Redis(port, { lazyConnect: true, maxRetriesPerRequest: null });
    // A server that a test has killed is asked no more; its client only hears that it is gone.
    client.on('error', () => undefined);
    // Another one may have the port.
    const isIt = async (): Promise<boolean> => (await client.info('server')).includes(`process_id:${child.pid}\r\n`);
    const isUp = (): Promise<boolean> => Promise.race([isIt(), pause(ASKED_AGAIN_MS, false)]);
    await until(async () => child.exitCode !== null || (await isUp()), `redis-server on port ${port}`);
    const started = { port, child, client };
    if (child.exitCode === null) {
      this.all.push(started);
      return started;
    }
    client.disconnect();
    return undefined;
  }

  async stop(): Promise<void> {
    for (const { child, client } of this.all) {
      client.disconnect();
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Waits until a condition holds; a question that cannot be asked yet counts as no. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  withinMs = READY_WITHIN_MS,
): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    if (await Promise.resolve(condition()).catch(() => false)) return;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(50);
  }
}

/** The program that the other tests of Redis run; throws where there is none. */
async function program(): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', [FETCH, '--cached']);
  return stdout.trim();
}
