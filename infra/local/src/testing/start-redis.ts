import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '..', '..', 'redis.sh');
const READY_WITHIN_MS = 20_000;
const IMAGE = 'redis:8';

/** A Redis to test with. */
export interface StartedRedis {
  readonly url: string;
  /** Of the server's process; undefined when it was started elsewhere. */
  readonly pid: number | undefined;
  /** Ends the server when it was started here. */
  stop(): Promise<void>;
}

/** A Redis, or why there is none. */
export type TestRedis = StartedRedis | { readonly skip: string };

/** What to ask for beyond a Redis. */
export interface TestRedisOptions {
  /** A server of the test's own, which it may stop: ISARTOR_TEST_REDIS_URL is passed over. */
  readonly own?: boolean;
  /** Where the own server listens; a free port by default. */
  readonly port?: number;
}

/**
 * A real Redis 8: the one at ISARTOR_TEST_REDIS_URL, else a `redis-server` of PATH or of the cache that
 * `infra/local/redis.sh` fills, else Docker's with ISARTOR_TEST_DOCKER=1. Without any: a reason to skip, printed once.
 * @throws Error instead, when ISARTOR_TEST_REQUIRE_REDIS is 1
 */
export async function testRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const {
    ISARTOR_TEST_REDIS_URL: url,
    ISARTOR_TEST_DOCKER: docker,
    ISARTOR_TEST_REQUIRE_REDIS: required,
  } = process.env;
  if (url && options.own !== true) return { url, pid: undefined, stop: () => Promise.resolve() };
  const port = options.port ?? (await freePort());
  const program = await redisProgram();
  if (program !== undefined) return startProcess(program, port);
  if (docker === '1') return startContainer(port);
  const skip = 'no Redis: set ISARTOR_TEST_REDIS_URL, put redis-server 8 on PATH, or set ISARTOR_TEST_DOCKER=1';
  if (required === '1') throw new Error(`ISARTOR_TEST_REQUIRE_REDIS is 1, and there is ${skip}`);
  sayOnce(skip);
  return { skip };
}

/**
 * Once in a run, whoever comes first of its many processes: `npm test` names the run, else vitest's own process does.
 */
function sayOnce(reason: string): void {
  const mark = join(tmpdir(), `isartor-no-redis-${process.env['ISARTOR_TEST_RUN'] ?? process.ppid}`);
  try {
    writeFileSync(mark, '', { flag: 'wx' });
  } catch {
    // Another process of this run has said it.
    return;
  }
  process.stderr.write(`Redis tests are skipped: ${reason}\n`);
}

/** Only looks; fetching one is for `.ci/run`. */
async function redisProgram(): Promise<string | undefined> {
  try {
    const { stdout } = await run('bash', [SCRIPT, '--cached']);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

async function startProcess(program: string, port: number): Promise<StartedRedis> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
  const child = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  // A test run that dies takes its server along.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const ready = untilItAnswers(port);
  const failed = exited.then(() => Promise.reject(new Error(`redis-server ended at once (port ${port})`)));
  await Promise.race([ready, failed]);
  failed.catch(() => {});
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async () => {
      process.removeListener('exit', end);
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function startContainer(port: number): Promise<StartedRedis> {
  const { stdout } = await run('docker', ['run', '--rm', '--detach', '--publish', `127.0.0.1:${port}:6379`, IMAGE]);
  const container = stdout.trim();
  await untilItAnswers(port);
  const stop = async (): Promise<void> => void (await run('docker', ['rm', '--force', container]));
  return { url: `redis://127.0.0.1:${port}`, pid: undefined, stop };
}

async function untilItAnswers(port: number): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await answersPing(port))) {
    if (Date.now() > until) throw new Error(`redis-server does not answer on port ${port}`);
    await pause(20);
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 }, () => socket.write('PING\r\n'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
