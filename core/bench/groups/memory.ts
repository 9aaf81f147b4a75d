import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '../child.ts';
import type { Shape } from '../contest.ts';
import type { Group } from '../group.ts';
import { pssMib } from '../process-tree.ts';
import type { Row } from '../row.ts';
import { CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';

const BARE = 'bare Fastify + undici';
/** What runs after a start (compilation, a first collection) is over by then. */
const SETTLED_AFTER_MS = 3_000;
const LOAD: Shape = { name: '32', prompts: 'new', stream: false, connections: 32 };

/** Memory of the process tree: after a start, and under misses that fill the cache. */
export const memory: Group = async (bench) => {
  const core = await startCore(bench.upstreamUrl);
  bench.defer(() => core.stop());
  const bare = await startServer(BARE, 'bare-proxy.ts', { UPSTREAM_URL: bench.upstreamUrl });
  bench.defer(() => bare.stop());
  await pause(SETTLED_AFTER_MS);
  const idle = [pssMib(core.pid), pssMib(bare.pid)] as const;
  const peak = [0, 0] as [number, number];
  for (let round = 0; round < bench.plan.rounds; round += 1) {
    const theirs = { origin: bare.url, path: CHAT, headers: CREDENTIAL };
    for (const [index, { target, pid }] of [
      { target: core, pid: core.pid },
      { target: theirs, pid: bare.pid },
    ].entries()) {
      const { origin, path, headers } = target;
      await bench.load.run({ origin, path, headers, ...LOAD, seconds: bench.plan.seconds });
      peak[index] = Math.max(peak[index] ?? 0, pssMib(pid));
    }
  }
  return [
    row('memory/idle', 'core, memory when idle (PSS)', idle, { of: 'ours', atMost: 120 }),
    row('memory/loaded', 'core, memory under misses (PSS)', peak),
  ];
};

function row(id: string, what: string, [ours, theirs]: readonly [number, number], aim?: Row['aim']): Row {
  const figures = { unit: 'MiB', ours, theirs, ratio: ours / theirs, better: 'less', checked: 'ratio' } as const;
  return { id, what, against: BARE, ...figures, ...(aim === undefined ? {} : { aim }) };
}
