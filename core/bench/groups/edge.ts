import { HEADER } from '@isartor/shared';
import { testRedis } from '../../test/support/redis.ts';
import { startServer } from '../child.ts';
import { contest, rowOf, type Shape } from '../contest.ts';
import type { Bench, Group } from '../group.ts';
import type { Row } from '../row.ts';
import { answeredBy, startCore, type StartedCore } from '../subjects/core.ts';
import { startEdge, startEmptyWorker, startRest } from '../subjects/worker.ts';

const HIT_32: Shape = { name: '32', prompts: 'same', stream: false, connections: 32 };
const HIT_1: Shape = { ...HIT_32, name: '1', connections: 1 };
const MISS_1: Shape = { name: 'plain', prompts: 'new', stream: false, connections: 1 };
const STREAM_1: Shape = { ...MISS_1, name: 'stream', stream: true };
const EMPTY = 'an empty Worker';
const CORE = 'the core directly';
const REDIS_DELAYS_MS = [5, 50, 200];

/**
 * A hit at the edge (in the colo's cache, Redis being asked every 5 s), against a Worker that reads the body and returns
 * the same bytes; both in bare workerd.
 */
export const edgeHit: Group = async (bench) => {
  const behind = await startBehind(bench);
  if (behind === undefined) return [];
  const edge = await startEdge(bench, behind.core, `http://127.0.0.1:${behind.restPort}`);
  const empty = await startEmptyWorker(bench, EMPTY);
  const ours = { ...edge, expect: { header: HEADER.edge, value: 'hit' } };
  await bench.load.run({ ...edge, ...HIT_1, seconds: 0.5, expect: undefined });
  const measured = await contest(bench.load, [ours, empty], [HIT_32, HIT_1], bench.plan);
  return [
    rowOf(measured, ours.name, EMPTY, {
      id: 'edge-hit/throughput',
      what: 'edge hit, 32 at once',
      shape: '32',
      unit: 'requests/s',
      better: 'more',
      figure: ({ perSecond }) => perSecond,
      aim: { of: 'ratio', atLeast: 0.5 },
      checked: 'cpu',
    }),
    rowOf(measured, ours.name, EMPTY, {
      id: 'edge-hit/latency',
      what: 'edge hit, one at a time, p50',
      shape: '1',
      unit: 'ms',
      better: 'less',
      figure: ({ p50Ms }) => p50Ms,
    }),
  ];
};

/** A miss through the edge, against the core directly, with a Redis that is near, far and very far from the edge. */
export const edgeMiss: Group = async (bench) => {
  const behind = await startBehind(bench);
  if (behind === undefined) return [];
  const rows: Row[] = [];
  for (const delayMs of REDIS_DELAYS_MS) rows.push(...(await missAt(bench, behind, delayMs)));
  return rows;
};

async function missAt(bench: Bench, { core, restPort }: Behind, delayMs: number): Promise<Row[]> {
  const far = await startServer('delay proxy', 'delay-proxy.ts', {
    DELAY_MS: String(delayMs),
    TARGET_PORT: String(restPort),
  });
  bench.defer(() => far.stop());
  const edge = answeredBy(await startEdge(bench, core, far.url), 'l3');
  const direct = { ...answeredBy(core, 'l3'), name: CORE };
  const measured = await contest(bench.load, [edge, direct], [MISS_1, STREAM_1], bench.plan);
  const aim = delayMs < 50 ? {} : ({ aim: { of: 'difference', atMost: 30 } } as const);
  const what = `edge miss, Redis ${delayMs} ms away`;
  const common = { unit: 'ms', better: 'less', cpu: false } as const;
  const id = `edge-miss-${delayMs}`;
  return [
    rowOf(measured, edge.name, CORE, {
      ...common,
      ...aim,
      id: `${id}/p50`,
      what: `${what}, p50`,
      shape: MISS_1.name,
      figure: ({ p50Ms }) => p50Ms,
    }),
    rowOf(measured, edge.name, CORE, {
      ...common,
      id: `${id}/p99`,
      what: `${what}, p99`,
      shape: MISS_1.name,
      figure: ({ p99Ms }) => p99Ms,
    }),
    rowOf(measured, edge.name, CORE, {
      ...common,
      ...aim,
      id: `${id}/first-byte`,
      what: `${what}, first byte of a stream`,
      shape: STREAM_1.name,
      figure: ({ firstByteMs }) => firstByteMs,
    }),
  ];
}

interface Behind {
  readonly core: StartedCore;
  readonly restPort: number;
}

async function startBehind(bench: Bench): Promise<Behind | undefined> {
  const redis = await testRedis({ own: true });
  if ('skip' in redis) {
    bench.skip(`the edge: ${redis.skip}`);
    return undefined;
  }
  bench.defer(() => redis.stop());
  const { port: restPort } = await startRest(bench, redis.url);
  const env = { ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: redis.url };
  const core = await startCore(bench.upstreamUrl, env);
  bench.defer(() => core.stop());
  return { core, restPort };
}
