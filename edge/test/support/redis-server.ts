import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';

/** A Redis for tests, and how to let it go. */
export interface TestRedis {
  readonly url: string;
  readonly stop: () => void;
}

/**
 * `ISARTOR_TEST_REDIS_URL`, else a `redis-server` found on PATH, else `undefined` with one printed reason; with
 * `ISARTOR_TEST_REQUIRE_REDIS=1` that is an error.
 */
export async function startTestRedis(): Promise<TestRedis | undefined> {
  const given = process.env['ISARTOR_TEST_REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, stop: () => undefined };
  if (spawnSync('redis-server', ['--version']).error !== undefined) {
    const reason = 'set ISARTOR_TEST_REDIS_URL or put redis-server on PATH';
    if (process.env['ISARTOR_TEST_REQUIRE_REDIS'] === '1') throw new Error(`The Redis tests must run here: ${reason}.`);
    process.stderr.write(`edge: the Redis tests are skipped; ${reason} to run them.\n`);
    return undefined;
  }
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'isartor-edge-redis-'));
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  const stop = (): void => {
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  // A set-up that fails half-way never comes to its teardown.
  process.once('exit', stop);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
  return { url, stop };
}
