import { describe, expect, it, vi } from 'vitest';
import { Broadcast } from './broadcast.ts';

const BOUNDS = { maxBytes: 10, lagMs: 10_000 };

/** A source whose items are given by hand; it notes what was asked of it. */
function handSource() {
  const waiting: PromiseWithResolvers<IteratorResult<string, undefined>>[] = [];
  let returned = 0;
  const iterator = {
    next: () => {
      const item = Promise.withResolvers<IteratorResult<string, undefined>>();
      waiting.push(item);
      return item.promise;
    },
    return: () => {
      returned += 1;
      return Promise.resolve({ done: true as const, value: undefined });
    },
  };
  return {
    source: { [Symbol.asyncIterator]: () => iterator },
    asked: () => waiting.length,
    returned: () => returned,
    give: (index: number, value: string) => waiting[index]?.resolve({ done: false, value }),
    end: (index: number) => waiting[index]?.resolve({ done: true, value: undefined }),
    fail: (index: number, error: Error) => waiting[index]?.reject(error),
  };
}

async function* of(...items: string[]) {
  yield* items;
}

/** Counts what is taken, up to a limit. */
function countingBudget(limit = Number.POSITIVE_INFINITY) {
  let taken = 0;
  return {
    taken: () => taken,
    take: (bytes: number) => {
      if (taken + bytes > limit) return false;
      taken += bytes;
      return true;
    },
    give: (bytes: number) => {
      taken -= bytes;
    },
  };
}

function broadcast(source: AsyncIterable<string>, budget = countingBudget()) {
  return new Broadcast(source, (item) => item.length, BOUNDS, budget);
}

async function all(items: AsyncIterable<string>): Promise<string[]> {
  const seen: string[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

describe('Broadcast', () => {
  it('gives every reader everything, and asks the source once for each item', async () => {
    const hand = handSource();
    const shared = broadcast(hand.source);
    const readers = [shared.subscribe(), shared.subscribe()].map(({ items }) => all(items));
    await vi.waitFor(() => expect(hand.asked()).toBe(1));
    hand.give(0, 'a');
    await vi.waitFor(() => expect(hand.asked()).toBe(2));
    hand.end(1);
    expect(await Promise.all(readers)).toEqual([['a'], ['a']]);
    expect(hand.asked()).toBe(2);
  });

  it('lets a reader join late as long as everything is kept, and not afterwards', async () => {
    const shared = broadcast(of('aaaa', 'bbbb', 'cccc', 'dddd'));
    const early = shared.subscribe().items[Symbol.asyncIterator]();
    await early.next();
    expect(shared.joinable).toBe(true);
    const late = shared.subscribe();
    await early.next();
    await early.next();
    expect(shared.joinable).toBe(false);
    expect((await late.items[Symbol.asyncIterator]().next()).value).toBe('aaaa');
  });

  it('waits for the slowest once the bound is reached, and drops it when it stays behind', async () => {
    vi.useFakeTimers();
    try {
      const shared = broadcast(of('aaaaaa', 'bbbbbb', 'cccccc', 'dddddd'));
      const fast = shared.subscribe().items[Symbol.asyncIterator]();
      const slow = shared.subscribe().items[Symbol.asyncIterator]();
      expect((await slow.next()).value).toBe('aaaaaa');
      for (const wanted of ['aaaaaa', 'bbbbbb']) expect((await fast.next()).value).toBe(wanted);
      let third: unknown;
      const pending = fast.next().then((next) => (third = next.value));
      await vi.advanceTimersByTimeAsync(BOUNDS.lagMs - 1);
      expect((await slow.next()).value).toBe('bbbbbb');
      await pending;
      expect(third).toBe('cccccc');

      const fourth = fast.next();
      await vi.advanceTimersByTimeAsync(BOUNDS.lagMs + 1);
      expect((await fourth).value).toBe('dddddd');
      expect((await slow.next()).value).toBe('cccccc');
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives a reader that is dropped an error, and keeps no more than its bound for it', async () => {
    vi.useFakeTimers();
    try {
      const shared = broadcast(of(...Array.from({ length: 9 }, () => 'xxxxxx')));
      const idle = shared.subscribe();
      const fast = all(shared.subscribe().items);
      await vi.advanceTimersByTimeAsync(BOUNDS.lagMs + 1);
      expect(await fast).toHaveLength(9);
      await expect(all(idle.items)).rejects.toMatchObject({ code: 'stream_interrupted' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('passes a failure on to everyone, after what came before it', async () => {
    const hand = handSource();
    const shared = broadcast(hand.source);
    const seen: string[] = [];
    const reader = (async () => {
      for await (const item of shared.subscribe().items) seen.push(item);
    })();
    await vi.waitFor(() => expect(hand.asked()).toBe(1));
    hand.give(0, 'a');
    await vi.waitFor(() => expect(hand.asked()).toBe(2));
    hand.fail(1, new Error('broken'));
    await expect(reader).rejects.toThrow('broken');
    expect(seen).toEqual(['a']);
    expect(shared.joinable).toBe(false);
  });

  it('takes what it keeps from the budget, stops being joinable when there is none, and gives all back', async () => {
    const budget = countingBudget(7);
    const shared = broadcast(of('aaa', 'bbb', 'ccc'), budget);
    const reader = shared.subscribe().items[Symbol.asyncIterator]();
    await reader.next();
    await reader.next();
    expect([budget.taken(), shared.joinable]).toEqual([6, true]);
    await reader.next();
    expect(shared.joinable).toBe(false);
    expect((await reader.next()).done).toBe(true);
    expect(budget.taken()).toBe(0);
  });

  it('gives back what it took when a stream that fitted has been read to its end, or has broken', async () => {
    const budget = countingBudget();
    const shared = broadcast(of('a', 'b'), budget);
    const readers = [shared.subscribe(), shared.subscribe()];
    expect(await Promise.all(readers.map(({ items }) => all(items)))).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(budget.taken()).toBe(0);

    const hand = handSource();
    const broken = all(broadcast(hand.source, budget).subscribe().items);
    await vi.waitFor(() => expect(hand.asked()).toBe(1));
    hand.give(0, 'a');
    await vi.waitFor(() => expect(hand.asked()).toBe(2));
    expect(budget.taken()).toBe(1);
    hand.fail(1, new Error('cut'));
    await expect(broken).rejects.toThrow('cut');
    expect(budget.taken()).toBe(0);
  });

  it('takes nothing for what comes when everyone has left', async () => {
    const budget = countingBudget();
    const hand = handSource();
    const { items, leave } = broadcast(hand.source, budget).subscribe();
    const reading = items[Symbol.asyncIterator]().next();
    await vi.waitFor(() => expect(hand.asked()).toBe(1));
    leave();
    hand.give(0, 'late');
    await expect(reading).rejects.toThrow('too slowly');
    expect(budget.taken()).toBe(0);
  });

  it('ends its source when the last reader leaves, and not before', async () => {
    const hand = handSource();
    const shared = broadcast(hand.source);
    const [one, other] = [shared.subscribe(), shared.subscribe()];
    one.leave();
    one.leave();
    expect(hand.returned()).toBe(0);
    other.leave();
    expect(hand.returned()).toBe(1);
  });
});
