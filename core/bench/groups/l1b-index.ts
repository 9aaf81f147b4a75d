import { testRedis } from '../../test/support/redis.ts';
import { alone } from '../alone.ts';
import { figuresOf, type Figures } from '../figures.ts';
import type { Group } from '../group.ts';
import type { Row } from '../row.ts';

const SIZES = [1_000, 10_000, 50_000, 200_000];
const DECIDING = 50_000;
/** A partition that is no larger is no graph yet, and a small one's memory is mostly the process's own. */
const WEIGHED_FROM = 10_000;

/** The nearest five of a partition of 384 numbers a vector, in memory and in a Redis of our own. */
export const l1bIndex: Group = async (bench) => {
  const sizes = SIZES.filter((size) => size <= 4 * bench.plan.entries);
  const rows = rowsOf('memory', sizes, await figuresOf('l1b-index.ts', { sizes }));
  const redis = await testRedis({ own: true });
  if ('skip' in redis) {
    bench.skip(`vectors in Redis: ${redis.skip}`);
    return rows;
  }
  bench.defer(() => redis.stop());
  return [...rows, ...rowsOf('Redis', sizes, await figuresOf('l1b-index.ts', { sizes, redisUrl: redis.url }))];
};

function rowsOf(place: 'memory' | 'Redis', sizes: readonly number[], figures: Figures): Row[] {
  return sizes.flatMap((size) => {
    const id = `l1b-index/${place.toLowerCase()}/${size}`;
    const what = `lookup in ${place}, ${size / 1_000} 000 entries`;
    const aim = place === 'memory' && size === DECIDING ? ({ of: 'ours', atMost: 2 } as const) : undefined;
    const weighed = alone({ id: `${id}/mib`, what: `${what}, 10 000 weigh`, unit: 'MiB' }, figures[`mib ${size}`]);
    return [
      alone({ id: `${id}/p50`, what: `${what}, p50`, unit: 'ms' }, figures[`p50 ${size}`], aim),
      alone({ id: `${id}/p99`, what: `${what}, p99`, unit: 'ms' }, figures[`p99 ${size}`]),
      ...(size >= WEIGHED_FROM ? [weighed] : []),
    ];
  });
}
