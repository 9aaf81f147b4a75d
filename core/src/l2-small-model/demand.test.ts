import { expect, test } from 'vitest';
import { ManualTime } from '../../test/support/manual-time.ts';
import { Demand } from './demand.ts';

test('counts the most at one time and all of the last minute, and then forgets them', () => {
  const time = new ManualTime();
  const demand = new Demand(() => time.nowMs());
  const ends = [demand.begin(), demand.begin(), demand.begin()];
  expect([demand.pending, demand.wanted]).toEqual([3, 3]);
  for (const end of ends) end();
  time.advance(30_000);
  demand.begin()();
  expect([demand.pending, demand.wanted]).toEqual([3, 4]);
  time.advance(40_000);
  expect([demand.pending, demand.wanted]).toEqual([1, 1]);
  time.advance(60_000);
  expect([demand.pending, demand.wanted]).toEqual([0, 0]);
});

test('one that goes on for minutes counts all the while, and a minute beyond', () => {
  const time = new ManualTime();
  const demand = new Demand(() => time.nowMs());
  const end = demand.begin();
  time.advance(300_000);
  expect(demand.pending).toBe(1);
  end();
  time.advance(59_000);
  expect(demand.pending).toBe(1);
  time.advance(2_000);
  expect(demand.pending).toBe(0);
});
