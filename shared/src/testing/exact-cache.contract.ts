import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeStoredEntry, encodeStoredEntry } from '../stored-entry/stored-entry.ts';
import { chatBody } from './answers.ts';

/** An exact store under test: what is written by one adapter may be read by another, over the same data. */
export interface ExactCacheUnderTest {
  /** The value of a key, undefined where there is none (any more). */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Writes a value that nobody may read after `expiresAtMs` (unix milliseconds). */
  write(key: string, bytes: Uint8Array, expiresAtMs: number): Promise<void>;
  /** The store's clock where the test controls it; absent: the real one. */
  readonly now?: () => number;
  /** Moves that clock on. */
  readonly advance?: (ms: number) => void | Promise<void>;
  /** Frees what `make` took. */
  readonly close?: () => Promise<void>;
}

const HOUR_MS = 3_600_000;
const LARGE_BYTES = 1024 * 1024;

/** What every exact store keeps, however it is reached: values come back byte for byte or not at all. */
export function exactCacheContract(name: string, make: () => Promise<ExactCacheUnderTest>): void {
  describe(`exact cache contract: ${name}`, () => {
    let store: ExactCacheUnderTest;
    const run = crypto.randomUUID();
    let keys = 0;
    const freshKey = (): string => `contract:v1:x:{${run}-${(keys += 1)}}`;
    const now = (): number => store.now?.() ?? Date.now();
    const anEntry = (text: string): Uint8Array => encodedEntry(text, now());

    beforeAll(async () => {
      store = await make();
    });
    afterAll(async () => {
      await store.close?.();
    });

    it('has nothing under a key that was never written', async () => {
      expect(await store.read(freshKey())).toBeUndefined();
    });

    it('gives an entry back byte for byte', async () => {
      const key = freshKey();
      const written = anEntry('Paris.');
      await store.write(key, written, now() + HOUR_MS);
      const read = await store.read(key);
      expectSameBytes(read, written);
      expect(read && decodeStoredEntry(read)).toEqual(decodeStoredEntry(written));
    });

    it.each([
      ['accents, CJK, emoji and a joined family', 'é ü 漢字 🙂 👩‍👩‍👧‍👦'],
      ['decomposed accents, which it leaves decomposed', 'e\u0301'],
      ['quotation marks, backslashes and what looks like an escape', '"\\" \\u0041 \\n'],
      ['control characters and line separators', '\u0000 \u0001 \r\n \u2028 \u2029'],
      ['a byte order mark', '\uFEFFtext'],
      ['what looks like a number', '12345678901234567890'],
    ])('keeps %s', async (_what, text) => {
      const key = freshKey();
      const written = anEntry(text);
      await store.write(key, written, now() + HOUR_MS);
      expectSameBytes(await store.read(key), written);
    });

    it('keeps an entry whose body is 1 MiB', async () => {
      const key = freshKey();
      const written = anEntry('né 漢 '.repeat(LARGE_BYTES / 8).slice(0, LARGE_BYTES / 2));
      await store.write(key, written, now() + HOUR_MS);
      expectSameBytes(await store.read(key), written);
    });

    it('lets the later of two writes under one key stand', async () => {
      const key = freshKey();
      await store.write(key, anEntry('first'), now() + HOUR_MS);
      const second = anEntry('second, and longer');
      await store.write(key, second, now() + HOUR_MS);
      expectSameBytes(await store.read(key), second);
    });

    it('keeps two keys apart that differ in one character', async () => {
      const [one, other] = [freshKey(), freshKey()];
      const written = anEntry('one');
      await store.write(one, written, now() + HOUR_MS);
      expect(await store.read(other)).toBeUndefined();
      expectSameBytes(await store.read(one), written);
    });

    it('never gives back what had expired when it was written', async () => {
      const key = freshKey();
      await store.write(key, anEntry('old'), now() - 1);
      expect(await store.read(key)).toBeUndefined();
    });

    it('is not bothered by readers and writers at once', async () => {
      const pairs = Array.from({ length: 20 }, (_, index) => ({ key: freshKey(), bytes: anEntry(`entry ${index}`) }));
      await Promise.all(pairs.map(({ key, bytes }) => store.write(key, bytes, now() + HOUR_MS)));
      const read = await Promise.all(pairs.map(({ key }) => store.read(key)));
      for (const [index, { bytes }] of pairs.entries()) expectSameBytes(read[index], bytes);
    });

    it('forgets an entry once its time is over (where the test holds the clock)', async ({ skip }) => {
      const { advance } = store;
      if (advance === undefined) {
        skip('this store runs on the real clock');
        return;
      }
      const key = freshKey();
      const written = anEntry('soon old');
      await store.write(key, written, now() + HOUR_MS);
      await advance(HOUR_MS - 1);
      expectSameBytes(await store.read(key), written);
      await advance(2);
      expect(await store.read(key)).toBeUndefined();
    });
  });
}

function encodedEntry(text: string, nowMs: number): Uint8Array {
  return encodeStoredEntry({
    meta: {
      v: 1,
      status: 200,
      contentType: 'application/json',
      operation: 'openai.chat',
      layer: 'l3',
      provider: 'openai',
      model: 'gpt-4o-mini-2024-07-18',
      createdAt: nowMs,
      freshUntil: nowMs + HOUR_MS,
      staleUntil: nowMs + 2 * HOUR_MS,
      epoch: `${nowMs}-contract`,
      policy: 'policy',
      origin: 'l3',
      source: null,
      usage: { input: 9, output: 12 },
    },
    body: new TextEncoder().encode(JSON.stringify(chatBody(text))),
  });
}

/** toEqual on a megabyte of bytes is slow, and its report is no help. */
function expectSameBytes(read: Uint8Array | undefined, written: Uint8Array): void {
  expect(read?.length).toBe(written.length);
  expect(read?.findIndex((byte, at) => byte !== written[at])).toBe(-1);
}
