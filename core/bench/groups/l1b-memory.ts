import { setTimeout as pause } from 'node:timers/promises';
import { testRedis } from '../../test/support/redis.ts';
import { alone } from '../alone.ts';
import { freePort, startServer } from '../child.ts';
import type { Bench, Group } from '../group.ts';
import { anonymousMib, pssMib } from '../process-tree.ts';
import { question } from '../questions.ts';
import type { Row } from '../row.ts';
import { CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';
import { benchModels, folderOf } from '../subjects/models.ts';

/** What the manifests set in a container of 256 MiB (infra/k8s/base/gateway-deployment.yaml). */
const HEAP = ['--max-old-space-size=128', '--max-semi-space-size=8'];
const LIMIT_MIB = 256;
const AT_ONCE = 32;
const LOOK_EVERY_MS = 500;
const SETTLED_AFTER_MS = 3_000;
const FILLED_WITHIN_MS = 3_600_000;

/** What a core is made with, and what is said of it. */
interface Subject {
  readonly id: string;
  readonly what: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether the guide's limit is meant for it. */
  readonly isLimited: boolean;
}

/** Memory of the whole core that learnt so many questions: most of it on the way, and when it rests. */
export const l1bMemory: Group = async (bench) => {
  const rows: Row[] = [];
  for (const subject of await subjects(bench)) rows.push(...(await rowsOf(bench, subject)));
  return rows;
};

async function subjects(bench: Bench): Promise<readonly Subject[]> {
  const server = await startServer('embedding server', 'embedding-server.ts');
  bench.defer(() => server.stop());
  const sidecar = { ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: server.url };
  const models = benchModels(bench).map((model): Subject => {
    const env = { ISARTOR__SEMANTIC_CACHE__MODEL_DIR: folderOf(model, bench) };
    return { id: model.id, what: model.what, env, isLimited: false };
  });
  const inMemory = { id: 'sidecar', what: 'an embedding server', env: sidecar, isLimited: true };
  const redis = await testRedis({ own: true });
  if ('skip' in redis) {
    bench.skip(`the core's memory with vectors in Redis: ${redis.skip}`);
    return [inMemory, ...models];
  }
  bench.defer(() => redis.stop());
  const env = {
    ...sidecar,
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: redis.url,
    // On a busy machine too every question is learnt.
    ISARTOR__REDIS_TIMEOUT_MS: '10000',
  };
  const inRedis = { id: 'sidecar-redis', what: 'an embedding server, all in Redis', env, isLimited: true };
  return [inRedis, inMemory, ...models];
}

async function rowsOf(bench: Bench, { id, what, env, isLimited }: Subject): Promise<Row[]> {
  const { entries } = bench.plan;
  const metricsPort = await freePort();
  const core = await startCore(
    bench.upstreamUrl,
    {
      ...env,
      ISARTOR__CACHE_MODE: 'both',
      ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
      ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '60000',
      // Nothing is verified, and so nothing hits: every question is learnt.
      ISARTOR__SIMILARITY_THRESHOLD: '1',
      ISARTOR__METRICS_PORT: String(metricsPort),
    },
    HEAP,
  );
  const memory = watch(core.pid);
  try {
    await fill(`${core.origin}${CHAT}`, `http://127.0.0.1:${metricsPort}/metrics`, entries);
    await pause(SETTLED_AFTER_MS);
    const { whole, anonymous } = memory.peak();
    const rest = pssMib(core.pid);
    const held = `core, ${entries} questions, ${what}`;
    const aim = isLimited ? ({ of: 'ours', atMost: LIMIT_MIB } as const) : undefined;
    return [
      alone({ id: `l1b-memory/${id}/peak`, what: `${held}, at most`, unit: 'MiB' }, whole, aim),
      alone({ id: `l1b-memory/${id}/anonymous`, what: `${held}, at most, no file behind it`, unit: 'MiB' }, anonymous),
      alone({ id: `l1b-memory/${id}/rest`, what: `${held}, at rest`, unit: 'MiB' }, rest),
    ];
  } finally {
    memory.stop();
    await core.stop();
  }
}

interface Peak {
  readonly whole: number;
  readonly anonymous: number;
}

function watch(pid: number): { peak(): Peak; stop(): void } {
  let [whole, anonymous] = [0, 0];
  const timer = setInterval(() => {
    whole = Math.max(whole, pssMib(pid));
    anonymous = Math.max(anonymous, anonymousMib(pid));
  }, LOOK_EVERY_MS);
  return { peak: () => ({ whole, anonymous }), stop: () => clearInterval(timer) };
}

/** Asks one question after the other until so many are in the index. */
async function fill(url: string, metrics: string, entries: number): Promise<void> {
  const until = performance.now() + FILLED_WITHIN_MS;
  let asked = 0;
  while ((await indexedIn(metrics)) < entries) {
    if (performance.now() > until) throw new Error(`${entries} questions were not learnt in time`);
    const upTo = asked + Math.min(1_000, entries);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (asked < upTo) await ask(url, question(asked++));
      }),
    );
  }
}

async function ask(url: string, content: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...CREDENTIAL, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bench-1', messages: [{ role: 'user', content }] }),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the core answers ${answer.status}`);
}

async function indexedIn(metrics: string): Promise<number> {
  const text = await (await fetch(metrics)).text();
  return Number(
    /^isartor_semantic_events_total\{mode="serve",event="indexed",why="none"\} (\d+)/m.exec(text)?.[1] ?? 0,
  );
}
