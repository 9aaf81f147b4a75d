import { assertOneTenantPerKey } from './key-list.ts';
import type { KeyRecord } from './key-record.ts';

const WORDS = 8;

/** The keys that a process knows, by digest. */
export class KeyRing {
  readonly #records: readonly KeyRecord[];
  /** The digests as 32-bit words, eight a record: a look-up compares numbers, not texts. */
  readonly #words: Uint32Array;

  /** Throws KeyListError when one key leads to two tenants. */
  constructor(records: readonly KeyRecord[]) {
    assertOneTenantPerKey(records);
    this.#records = [...records];
    this.#words = new Uint32Array(records.length * WORDS);
    for (const [index, record] of records.entries()) this.#words.set(wordsOf(record.sha256), index * WORDS);
  }

  /**
   * The record of a key's digest (hex SHA-256); undefined for an unknown key and for one that is past its `notAfter`.
   * Every record is compared, whole, so that the time says nothing about which digits agree.
   */
  find(digest: string, nowMs: number): KeyRecord | undefined {
    const wanted = wordsOf(digest);
    let found: KeyRecord | undefined;
    for (const [index, record] of this.#records.entries()) {
      let difference = digest.length ^ (WORDS * 8);
      for (let word = 0; word < WORDS; word += 1) {
        difference |= (wanted[word] ?? 0) ^ (this.#words[index * WORDS + word] ?? 0);
      }
      const good = record.notAfter === undefined || nowMs <= record.notAfter;
      if (difference === 0 && good && found === undefined) found = record;
    }
    return found;
  }
}

/** Hex digits as numbers, eight digits each. What is not hex becomes 0, which no real digest is. */
function wordsOf(hex: string): Uint32Array {
  const words = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word += 1) words[word] = Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16);
  return words;
}
