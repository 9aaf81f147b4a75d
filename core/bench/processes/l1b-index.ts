// Lookups in a vector index that grows: how long the nearest five take, and what an element weighs.
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { VectorIndex } from '../../src/l1b-semantic-cache/vector-index.port.ts';
import { logs, memoryVectorIndexes, redisClients, redisVectorIndexes } from '../built.ts';
import { percentile } from '../median.ts';
import { readOrder, reportFigures } from './report-figures.ts';

/** Which index, and at which sizes it is asked. */
const ORDER = z.object({ redisUrl: z.string().optional(), sizes: z.array(z.int()) });
const DIMENSION = 384;
const COUNT = 5;
const LOOKUPS = 500;
const WARM_UP = 50;
const AT_ONCE = 64;
const HOME = { tenant: 't', scope: 'bench', epoch: '1-a', policy: 'p' };
const expiresAt = Date.now() + 86_400_000;

/** Standard normal, always the same (mulberry32, Box and Muller): directions that are all alike, the hardest case for a graph. */
let state = 1;
function uniform(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
function direction(): Float32Array {
  const vector = Float32Array.from({ length: DIMENSION }, () => {
    return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  });
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

const { redisUrl, sizes } = ORDER.parse(readOrder());

async function openIndex(most: number): Promise<VectorIndex> {
  if (redisUrl === undefined) {
    const { MemoryVectorIndex } = await memoryVectorIndexes();
    return new MemoryVectorIndex(most);
  }
  const { RedisVectorIndex } = await redisVectorIndexes();
  const { createRedis } = await redisClients();
  const { createLog } = await logs();
  const redis = createRedis({ url: redisUrl, db: 0, timeoutMs: 30_000 });
  const index = new RedisVectorIndex(redis, { namespace: 'bench', log: createLog('silent') });
  const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  index.start();
  await ready;
  return index;
}

/** MiB, of this process or of Redis. */
async function heldMib(): Promise<number> {
  if (redisUrl === undefined) {
    globalThis.gc?.();
    return process.memoryUsage().rss / 2 ** 20;
  }
  const client = new Redis(redisUrl);
  const used = Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]);
  client.disconnect();
  return used / 2 ** 20;
}

const index = await openIndex(Math.max(...sizes));
const figures: Record<string, number> = {};
const before = await heldMib();
let lookedFor = direction();

function add(n: number): Promise<void> {
  const vector = direction();
  if (n % 1_000 === 0) lookedFor = vector;
  const digest = n.toString(16).padStart(64, '0');
  return index.add(HOME, vector, { digest, text: `What is the answer to question ${digest.slice(-8)}?`, expiresAt });
}

async function fill(from: number, upTo: number): Promise<void> {
  for (let at = from; at < upTo; at += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, upTo - at) }, (_, i) => add(at + i)));
  }
}

for (const [at, size] of sizes.entries()) {
  await fill(sizes[at - 1] ?? 0, size);
  const took: number[] = [];
  for (let i = 0; i < WARM_UP + LOOKUPS; i += 1) {
    const asked = i % 2 === 0 ? direction() : lookedFor;
    const began = performance.now();
    await index.search(HOME, asked, COUNT);
    if (i >= WARM_UP) took.push(performance.now() - began);
  }
  figures[`p50 ${size}`] = percentile(took, 0.5);
  figures[`p99 ${size}`] = percentile(took, 0.99);
  figures[`mib ${size}`] = ((await heldMib()) - before) / (size / 10_000);
}
reportFigures(figures);
