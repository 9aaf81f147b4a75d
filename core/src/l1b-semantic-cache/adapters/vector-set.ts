import type { AnyRedis } from '../../redis/redis-client.ts';
import { sha256Hex } from '../../sha256-hex.ts';
import type { IndexedQuestion, Partition } from '../vector-index.port.ts';

/**
 * How many candidates a filtered search looks at. Redis' default is COUNT times 100: then 2 000 expired neighbours hid
 * the living one (measured on 8.0.2), and 0, for all, is refused there.
 */
const FILTER_EF = 5_000;
/** Expired elements taken out when one comes: more than come, so that they never pile up. */
const SWEEP = 20;
const MIN_COUNT = 5;
/** Of a vector set's element: digest, expiry in unix ms, text. The text comes along with the search, without a second trip. */
const ELEMENT = /^([0-9a-f]+|[\w-]+) ([\s\S]*)$/;

/** An element as a search finds it. */
interface Found {
  readonly element: string;
  /** -1 to 1. */
  readonly cosine: number;
}

/** One key a set: nothing here ever spans two slots of a cluster. */
export function setKey(namespace: string, { tenant, scope }: Partition): string {
  return `${namespace}:v1:v:{${sha256Hex(`${tenant} ${scope}`)}}`;
}

/** The set's elements by their expiry, in the same slot: a vector set cannot be asked which of its elements are expired. */
function expiriesKey(key: string): string {
  return `${key}:exp`;
}

/**
 * Adds an element, or gives one of the same question another vector, epoch and expiry; the set lives as long as its
 * latest. Gives back some of those that are expired, for removal.
 */
export async function addElement(
  redis: AnyRedis,
  key: string,
  { epoch, policy }: Partition,
  vector: Float32Array,
  { digest, text, expiresAt }: IndexedQuestion,
  now: number,
): Promise<readonly string[]> {
  const attributes = JSON.stringify({ exp: expiresAt, epoch, policy });
  const element = `${digest} ${text}`;
  const steps = redis
    .multi()
    .call('VADD', key, 'FP32', bytesOf(vector), element, 'SETATTR', attributes)
    .zadd(expiriesKey(key), expiresAt, element);
  // GT alone passes over a key without an expiry.
  for (const each of [key, expiriesKey(key)]) steps.pexpireat(each, expiresAt, 'NX').pexpireat(each, expiresAt, 'GT');
  const replies = await steps.zrangebyscore(expiriesKey(key), '-inf', now, 'LIMIT', 0, SWEEP).exec();
  const failed = replies?.find(([error]) => error !== null)?.[0];
  if (failed) throw failed;
  const expired = replies?.at(-1)?.[1];
  return Array.isArray(expired) ? expired.map(String) : [];
}

/** The living elements of the partition nearest to a vector, the nearest first. */
export async function livingNear(
  redis: AnyRedis,
  key: string,
  { epoch, policy }: Partition,
  vector: Float32Array,
  count: number,
  now: number,
): Promise<readonly Found[]> {
  const filter = `.exp > ${now} and .epoch == ${quoted(epoch)} and .policy == ${quoted(policy)}`;
  return (await near(redis, key, vector, Math.max(count, MIN_COUNT), filter)).slice(0, count);
}

export async function removeElements(redis: AnyRedis, key: string, elements: readonly string[]): Promise<void> {
  const steps = redis.multi().zrem(expiriesKey(key), ...elements);
  for (const element of elements) steps.call('VREM', key, element);
  await steps.exec();
}

export async function dropSet(redis: AnyRedis, key: string): Promise<void> {
  await redis.unlink(key, expiriesKey(key));
}

/** What an element's name says; undefined where it is in a form that is not ours. */
export function questionOf(element: string): Pick<IndexedQuestion, 'digest' | 'text'> | undefined {
  const [, digest, text] = ELEMENT.exec(element) ?? [];
  return digest === undefined || text === undefined ? undefined : { digest, text };
}

async function near(
  redis: AnyRedis,
  key: string,
  vector: Float32Array,
  count: number,
  filter: string,
): Promise<readonly Found[]> {
  const reply: unknown = await redis.call(
    'VSIM',
    key,
    'FP32',
    bytesOf(vector),
    'WITHSCORES',
    'COUNT',
    String(count),
    'FILTER',
    filter,
    'FILTER-EF',
    String(FILTER_EF),
  );
  if (!Array.isArray(reply)) throw new Error('VSIM answered with what is no list');
  const found: Found[] = [];
  for (let at = 0; at + 1 < reply.length; at += 2) {
    // Its score is (1 + cosine) / 2.
    found.push({ element: String(reply[at]), cosine: 2 * Number(reply[at + 1]) - 1 });
  }
  return found;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Epochs and policies are of these characters; anything else could change what the filter says. */
function quoted(text: string): string {
  if (!/^[\w.-]*$/.test(text)) throw new Error('an epoch or policy with characters that no filter takes');
  return `"${text}"`;
}
