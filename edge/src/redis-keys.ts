import { KeyRing, apiKeyRecordKey, parseKeyRecord } from '@isartor/shared';
import type { KeyRecord } from '@isartor/shared';
import { BoundedMap } from './bounded-map.ts';
import { isTrusted } from './freshness.ts';
import type { BudgetedReader } from './guarded-reader.ts';
import type { WaitBudget } from './wait-budget.ts';

const KEYS_REMEMBERED = 1_000;

/**
 * API keys that are kept in Redis. Verdicts are remembered for 5 s, the good ones apart from the bad ones, so that a
 * flood of wrong keys cannot push out the right ones.
 */
export class RedisKeys {
  readonly #known = new BoundedMap<{ readonly record: KeyRecord; readonly at: number }>(KEYS_REMEMBERED);
  readonly #unknown = new BoundedMap<number>(KEYS_REMEMBERED);

  constructor(
    private readonly redis: BudgetedReader,
    private readonly namespace: string,
    private readonly now: () => number,
  ) {}

  /**
   * The record of a key, by the SHA-256 of the key; `undefined` for an unknown or expired one.
   *
   * @throws when Redis fails and nothing is remembered.
   */
  async find(digest: string, budget: WaitBudget): Promise<KeyRecord | undefined> {
    const known = this.#known.get(digest);
    if (known !== undefined && isTrusted(known.at, this.now())) return this.#unexpired(known.record, digest);
    const refusedAt = this.#unknown.get(digest);
    if (refusedAt !== undefined && isTrusted(refusedAt, this.now())) return undefined;
    return this.#read(digest, budget);
  }

  async #read(digest: string, budget: WaitBudget): Promise<KeyRecord | undefined> {
    const at = this.now();
    const [value] = await this.redis.read(budget, apiKeyRecordKey(this.namespace, digest));
    const record = value === undefined ? undefined : parsed(value);
    if (record === undefined) {
      this.#known.delete(digest);
      this.#unknown.set(digest, at);
      return undefined;
    }
    this.#unknown.delete(digest);
    this.#known.set(digest, { record, at });
    return this.#unexpired(record, digest);
  }

  /** A ring of one: the same comparison and the same look at `not_after` as for configured keys. */
  #unexpired(record: KeyRecord, digest: string): KeyRecord | undefined {
    return new KeyRing([record]).find(digest, this.now());
  }
}

/** A damaged record opens no door. */
function parsed(value: string): KeyRecord | undefined {
  try {
    return parseKeyRecord(value);
  } catch {
    return undefined;
  }
}
