import { testRedis } from '../../test/support/redis.ts';
import { contest, rowOf, type Shape } from '../contest.ts';
import type { Bench, Group } from '../group.ts';
import { startServer } from '../child.ts';
import type { Row } from '../row.ts';
import { answeredBy, CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';

const AT_32: Shape = { name: '32', prompts: 'same', stream: false, connections: 32 };
const AT_1: Shape = { ...AT_32, name: '1', connections: 1 };
const BARE = 'bare Fastify';

/** An exact hit from memory, against a bare Fastify handler that parses the same body and returns the same bytes. */
export const hitMemory: Group = (bench) => hit(bench, { id: 'hit-memory', what: 'core hit, memory', aim: 1.5 });

/** The same from Redis, against the same handler that reads the same two values from the same Redis. */
export const hitRedis: Group = async (bench) => {
  const redis = await testRedis({ own: true });
  if ('skip' in redis) {
    bench.skip(`core hit on Redis: ${redis.skip}`);
    return [];
  }
  bench.defer(() => redis.stop());
  return hit(bench, { id: 'hit-redis', what: 'core hit, Redis', aim: 1.6, redisUrl: redis.url });
};

interface HitSpec {
  readonly id: string;
  readonly what: string;
  readonly aim: number;
  readonly redisUrl?: string;
}

async function hit(bench: Bench, { id, what, aim, redisUrl }: HitSpec): Promise<Row[]> {
  const [coreEnv, bareEnv] =
    redisUrl === undefined
      ? [{}, {}]
      : [{ ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: redisUrl }, { REDIS_URL: redisUrl }];
  const core = await startCore(bench.upstreamUrl, coreEnv);
  bench.defer(() => core.stop());
  const bare = await startServer(BARE, 'bare-hit.ts', bareEnv);
  bench.defer(() => bare.stop());
  const ours = answeredBy(core, 'l1a');
  const theirs = { name: BARE, origin: bare.url, path: CHAT, pid: bare.pid, headers: CREDENTIAL };
  // The first answer is a miss, and is stored before a second one is asked for.
  await bench.load.run({ ...core, ...AT_1, seconds: 0.1, expect: undefined });
  const measured = await contest(bench.load, [ours, theirs], [AT_32, AT_1], bench.plan);
  return [
    rowOf(measured, ours.name, BARE, {
      id: `${id}/throughput`,
      what: `${what}, 32 at once`,
      shape: '32',
      unit: 'requests/s',
      better: 'more',
      figure: ({ perSecond }) => perSecond,
      aim: { of: 'cpu', atMost: aim },
      checked: 'cpu',
    }),
    rowOf(measured, ours.name, BARE, {
      id: `${id}/latency`,
      what: `${what}, one at a time, p50`,
      shape: '1',
      unit: 'ms',
      better: 'less',
      figure: ({ p50Ms }) => p50Ms,
    }),
  ];
}
