import type { AnyRedis } from '../../redis/redis-client.ts';
import { LRUCache } from 'lru-cache';
import { dropSet } from './vector-set.ts';

/** A set that gets an element often need not be noted each time. */
const NOTE_EVERY_MS = 1_000;
const MAX_NOTED = 4_096;

/**
 * Which vector sets a tenant has, in a sorted set by their expiry, so that their number has a bound: a tenant whose
 * every request has a scope of its own would fill Redis with sets of one element.
 */
export class VectorSetRegister {
  /** When a set was noted last, unix ms. */
  private readonly noted = new LRUCache<string, number>({ max: MAX_NOTED });

  constructor(
    private readonly redis: AnyRedis,
    private readonly namespace: string,
    private readonly maxSets: number,
  ) {}

  /** Notes that a set lives until `expiresAt` (unix ms). Past the bound the sets that would expire first are dropped. */
  async note(tenant: string, key: string, expiresAt: number, now: number): Promise<void> {
    if (now - (this.noted.get(key) ?? 0) < NOTE_EVERY_MS) return;
    this.noted.set(key, now);
    const register = `${this.namespace}:v1:vs:{${tenant}}`;
    const replies = await this.redis
      .multi()
      .zadd(register, 'GT', expiresAt, key)
      .zremrangebyscore(register, '-inf', now)
      .pexpireat(register, expiresAt, 'NX')
      .pexpireat(register, expiresAt, 'GT')
      .zcard(register)
      .exec();
    const excess = Number(replies?.at(-1)?.[1] ?? 0) - this.maxSets;
    if (excess <= 0) return;
    const dropped = await this.redis.zpopmin(register, excess);
    // Score and name take turns; each set has a slot of its own.
    const keys = dropped.map(String).filter((_name, at) => at % 2 === 0);
    await Promise.all(keys.map((each) => dropSet(this.redis, each)));
  }
}
