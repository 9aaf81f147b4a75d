import { setTimeout as pause } from 'node:timers/promises';
import { alone } from '../alone.ts';
import { freePort, startServer } from '../child.ts';
import type { Bench, Group } from '../group.ts';
import { pssMib } from '../process-tree.ts';
import { question } from '../questions.ts';
import type { Row } from '../row.ts';
import { CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';
import { benchModels, folderOf } from '../subjects/models.ts';

/** What an operator sets in a container of 256 MiB (core/test/full/memory.full.ts). */
const HEAP = ['--max-old-space-size=128'];
const LIMIT_MIB = 256;
const AT_ONCE = 32;
const LOOK_EVERY_MS = 500;
const SETTLED_AFTER_MS = 3_000;
const FILLED_WITHIN_MS = 1_200_000;

/** Memory of the whole core that learnt so many questions: most of it on the way, and when it rests. */
export const l1bMemory: Group = async (bench) => {
  const server = await startServer('embedding server', 'embedding-server.ts');
  bench.defer(() => server.stop());
  const rows = await rowsOf(bench, 'sidecar', 'an embedding server', {
    ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: server.url,
  });
  for (const model of benchModels(bench)) {
    const folder = { ISARTOR__SEMANTIC_CACHE__MODEL_DIR: folderOf(model, bench) };
    rows.push(...(await rowsOf(bench, model.id, model.what, folder)));
  }
  return rows;
};

async function rowsOf(bench: Bench, id: string, what: string, env: Readonly<Record<string, string>>): Promise<Row[]> {
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
    const most = memory.peak();
    const rest = pssMib(core.pid);
    const held = `core, ${entries} questions, ${what}`;
    const aim = id === 'sidecar' ? ({ of: 'ours', atMost: LIMIT_MIB } as const) : undefined;
    return [
      alone({ id: `l1b-memory/${id}/peak`, what: `${held}, at most`, unit: 'MiB' }, most, aim),
      alone({ id: `l1b-memory/${id}/rest`, what: `${held}, at rest`, unit: 'MiB' }, rest),
    ];
  } finally {
    memory.stop();
    await core.stop();
  }
}

function watch(pid: number): { peak(): number; stop(): void } {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, pssMib(pid))), LOOK_EVERY_MS);
  return { peak: () => peak, stop: () => clearInterval(timer) };
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
