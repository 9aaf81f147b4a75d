import { describe, expect, it } from 'vitest';
import { ManualTime } from '../../../test/support/manual-time.ts';
import { KeyPool, type KeyOrder } from './key-pool.ts';
import type { KeyVerdict } from './key-verdict.ts';

const KEYS = ['a', 'b', 'c'].map((name) => ({ name, digest: `${name}0`, id: `id-${name}` }));
const LIMITED: KeyVerdict = { why: 'limited', restMs: 1_000 };

function poolOf(order: KeyOrder) {
  const time = new ManualTime();
  const rested: string[] = [];
  const pool = new KeyPool({ keys: KEYS, order, time, onRest: ({ name }, { why }) => rested.push(`${name} ${why}`) });
  const take = (times: number) => Array.from({ length: times }, () => KEYS[pool.take() ?? -1]?.name ?? '').join('');
  return { pool, time, rested, take };
}

describe('a pool of keys', () => {
  it('asks with each in its turn, and with none that rests', () => {
    const { pool, time, take } = poolOf('round_robin');
    expect(take(4)).toBe('abca');
    pool.rest(2, LIMITED);
    expect(take(4)).toBe('baba');
    expect(pool.ready).toBe(2);
    time.advance(999);
    expect(take(2)).toBe('ba');
    time.advance(1);
    expect(take(3)).toBe('bca');
  });

  it('asks with the first that does not rest, where they have an order', () => {
    const { pool, take } = poolOf('priority');
    expect(take(3)).toBe('aaa');
    pool.rest(0, LIMITED);
    expect(take(2)).toBe('bb');
  });

  it('has none where all rest, whoever said so', () => {
    const { pool, time, rested, take } = poolOf('round_robin');
    pool.rest(0, LIMITED);
    pool.rest(1, { why: 'revoked', restMs: 5_000 });
    pool.heard({ id: 'id-c', why: 'quota', restMs: 3_000 });
    pool.heard({ id: 'of another pool', why: 'quota', restMs: 3_000 });
    expect(pool.take()).toBeUndefined();
    expect(rested).toEqual(['a limited', 'b revoked']);
    time.advance(500);
    expect(pool.resting()).toEqual([
      { name: 'a', digest: 'a0', why: 'limited', restMs: 500 },
      { name: 'b', digest: 'b0', why: 'revoked', restMs: 4_500 },
      { name: 'c', digest: 'c0', why: 'quota', restMs: 2_500 },
    ]);
    time.advance(500);
    expect(take(2)).toBe('aa');
  });

  it('takes a rest for new only where it is longer than the one that is on', () => {
    const { pool, time, rested } = poolOf('round_robin');
    pool.rest(0, { why: 'revoked', restMs: 5_000 });
    pool.rest(0, LIMITED);
    pool.heard({ id: 'id-a', ...LIMITED });
    expect(rested).toEqual(['a revoked']);
    time.advance(1_000);
    expect(pool.ready).toBe(2);
    pool.rest(0, { why: 'quota', restMs: 9_000 });
    // Requests in flight are told the same a moment later: it is still one rest, told once.
    time.advance(20);
    pool.rest(0, { why: 'quota', restMs: 9_000 });
    expect(rested).toEqual(['a revoked', 'a quota']);
  });
});
