import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pick, type KubernetesObject } from './kubernetes-object.ts';
import { at, listAt, podTemplates } from './pods.ts';
import { INFRA } from './render.ts';

const START_MS = 20_000;

/** Folder of a `redis-server` 8 that is here already; undefined, or an error where tests must have one. */
export function redisFolder(): string | undefined {
  try {
    const script = join(INFRA, 'local', 'redis.sh');
    return dirname(execFileSync('bash', [script, '--cached'], { encoding: 'utf8', timeout: START_MS }).trim());
  } catch (error) {
    if (process.env['ISARTOR_TEST_REQUIRE_REDIS'] === '1') throw error;
    process.stderr.write("SKIPPED: the manifests' Redis: there is no redis-server 8 (bash infra/local/redis.sh)\n");
    return undefined;
  }
}

/** The StatefulSet's container as a process: its own command, configuration and Secret. */
export interface ManifestRedis {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** Ends it as the kubelet does, by SIGTERM. */
  readonly stop: () => Promise<void>;
}

/** Starts what the manifests say, with the folders of the pod moved below `folder` and the port to a free one. */
export async function startRedisOf(
  objects: readonly KubernetesObject[],
  password: string,
  folder: string,
): Promise<ManifestRedis> {
  const port = await freePort();
  const moved = (text: string): string =>
    text.replaceAll(/(?<=[ ])(\/data|\/run\/redis|\/etc\/redis)/g, `${folder}$1`).replace('port 6379', `port ${port}`);
  for (const path of ['data', 'run/redis', 'etc/redis']) mkdirSync(join(folder, path), { recursive: true });
  const config = at(pick(objects, 'ConfigMap/redis-config'), 'data', 'redis.conf');
  if (typeof config !== 'string') throw new Error('the ConfigMap has no redis.conf');
  writeFileSync(join(folder, 'etc/redis/redis.conf'), moved(config));
  const [pod] = podTemplates([pick(objects, 'StatefulSet/redis')]);
  const container = pod?.containers[0]?.spec;
  const [program = '', ...args] = [...listAt(container, 'command'), ...listAt(container, 'args')].map(String);
  const path = [redisFolder(), process.env['PATH']].join(delimiter);
  const child = spawn(program, args.map(moved), {
    cwd: folder,
    env: { PATH: path, REDISCLI_AUTH: password },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await answers(child, port, password);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { address: `127.0.0.1:${port}`, stop };
}

async function answers(child: ChildProcess, port: number, password: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    if (await pings(port, password)) return;
    await pause(50);
  }
  child.kill('SIGKILL');
  throw new Error(`the Redis of the manifests does not answer (exit ${child.exitCode})`);
}

async function pings(port: number, password: string): Promise<boolean> {
  const redis = new Redis(port, '127.0.0.1', { password, lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
