import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startChild, startServer } from '../child.ts';
import type { Contestant } from '../contest.ts';
import type { Bench } from '../group.ts';
import { bundleWorker, EMPTY, ISARTOR, workerdProgram } from './bundle-worker.ts';
import { CHAT, CREDENTIAL, EDGE_SECRET, KEY, untilOk } from './core.ts';

const STACK = join(import.meta.dirname, '..', '..', '..', 'infra', 'local', 'src', 'stack');
const REST_TOKEN = 'bench-rest-token';

/** Isartor's Worker in bare workerd: wrangler's own proxy in front would cost more than the Worker. */
export async function startEdge(bench: Bench, core: Contestant, restUrl: string): Promise<Contestant> {
  return startWorkerd(bench, 'Isartor', await bundleWorker(bench, ISARTOR), {
    ISARTOR__CORE_URL: core.origin,
    ISARTOR__CACHE_MODE: 'exact',
    ISARTOR__CACHE_TTL_SECS: '86400',
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__EDGE_SECRET: EDGE_SECRET,
    UPSTASH_REDIS_REST_URL: restUrl,
    UPSTASH_REDIS_REST_TOKEN: REST_TOKEN,
    ISARTOR__UPSTASH_BASE64: 'false',
  });
}

/** A Worker that reads the body and returns constant bytes, run in the same way. */
export async function startEmptyWorker(bench: Bench, name: string): Promise<Contestant> {
  return startWorkerd(bench, name, await bundleWorker(bench, EMPTY), {});
}

async function startWorkerd(
  bench: Bench,
  name: string,
  folder: string,
  bindings: Readonly<Record<string, string>>,
): Promise<Contestant> {
  const cache = await startServer('colo cache', 'colo-cache.ts');
  bench.defer(() => cache.stop());
  const port = await freePort();
  const file = join(folder, 'workerd.capnp');
  await writeFile(file, configuration({ port, cachePort: cache.port, bindings }));
  const child = startChild({ name: `workerd (${name})`, command: workerdProgram(), args: ['serve', file] });
  bench.defer(() => child.stop());
  const origin = `http://127.0.0.1:${port}`;
  await untilOk(`${origin}/healthz`);
  return { name, origin, path: CHAT, pid: child.pid, headers: CREDENTIAL };
}

interface WorkerdSettings {
  readonly port: number;
  readonly cachePort: number;
  readonly bindings: Readonly<Record<string, string>>;
}

/** workerd's configuration, with the dates and flags of the Worker's `wrangler.jsonc`. */
function configuration({ port, cachePort, bindings }: WorkerdSettings): string {
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "public"])),
    (name = "cache", external = (address = "127.0.0.1:${cachePort}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-02",
  compatibilityFlags = ["nodejs_compat", "enable_request_signal"],
  bindings = [${texts.join(', ')}],
  cacheApiOutbound = "cache",
);
`;
}

/** The REST server in front of Redis, as `npm start` runs it. */
export async function startRest(bench: Bench, redisUrl: string): Promise<{ readonly port: number }> {
  const port = await freePort();
  const child = startChild({
    name: 'Redis REST server',
    args: ['--conditions=isartor-source', join(STACK, 'upstash-process.ts')],
    env: { UPSTASH_PORT: String(port), UPSTASH_TOKEN: REST_TOKEN, UPSTASH_REDIS: redisUrl },
  });
  bench.defer(() => child.stop());
  await child.message((message): message is object => typeof message === 'object');
  return { port };
}
