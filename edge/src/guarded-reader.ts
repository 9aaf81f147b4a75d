import type { RedisReader } from './upstash-cache.ts';

/** After a failed read, how long Redis is not asked again, in milliseconds. */
const PAUSE_MS = 1_000;

/** What is known of Redis without asking it. */
export type RedisState = 'unused' | 'ok' | 'failing';

/**
 * Keeps a sick Redis from costing every request its time bound: once a read has failed, reads of the next second fail at
 * once. State is two plain values, so nothing outlives a request.
 */
export class GuardedReader implements RedisReader {
  #failedAt: number | undefined;
  #answered = false;

  constructor(
    private readonly reader: RedisReader,
    private readonly now: () => number,
  ) {}

  get state(): RedisState {
    if (this.#failedAt !== undefined) return 'failing';
    return this.#answered ? 'ok' : 'unused';
  }

  async read(...keys: [string, ...string[]]): Promise<(string | undefined)[]> {
    if (this.#failedAt !== undefined && Math.abs(this.now() - this.#failedAt) < PAUSE_MS) {
      throw new Error('Redis failed less than a second ago');
    }
    try {
      const values = await this.reader.read(...keys);
      this.#failedAt = undefined;
      this.#answered = true;
      return values;
    } catch (error) {
      this.#failedAt = this.now();
      throw error;
    }
  }
}
