import { beforeEach, describe, expect, test } from 'vitest';
import { Breaker } from './breaker.ts';

let now: number;
let breaker: Breaker;

beforeEach(() => {
  now = 10_000;
  breaker = new Breaker({ failures: 3, openMs: 1_000, trialMs: 2_000 }, () => now);
});

function pass(): number {
  const given = breaker.begin();
  if (given === undefined) throw new Error('the breaker lets nothing through');
  return given;
}

function fail(times: number): void {
  for (let time = 0; time < times; time += 1) breaker.failed(pass());
}

test('three failures in a row open it, a success between them does not', () => {
  fail(2);
  breaker.succeeded(pass());
  fail(2);
  expect(breaker.state).toBe('closed');
  fail(1);
  expect([breaker.state, breaker.begin()]).toEqual(['open', undefined]);
});

describe('open', () => {
  beforeEach(() => fail(3));

  test('it lets one call through after its time, and nobody else meanwhile', () => {
    now += 999;
    expect(breaker.begin()).toBeUndefined();
    now += 1;
    const trial = pass();
    expect([breaker.state, breaker.begin()]).toEqual(['half-open', undefined]);
    breaker.succeeded(trial);
    expect(breaker.state).toBe('closed');
  });

  test('a bad trial keeps it open for as long again', () => {
    now += 1_000;
    breaker.failed(pass());
    now += 999;
    expect(breaker.begin()).toBeUndefined();
    now += 1;
    expect(breaker.begin()).toBeDefined();
  });

  test('a trial that never comes back does not hold its place for ever', () => {
    now += 1_000;
    pass();
    now += 1_999;
    expect(breaker.begin()).toBeUndefined();
    now += 1;
    expect(breaker.begin()).toBeDefined();
  });

  test('a clock that was put back does not keep it open', () => {
    now -= 5_000;
    expect(breaker.begin()).toBeDefined();
  });
});

test('what began before it opened does not count any more', () => {
  const early = [pass(), pass(), pass(), pass()] as const;
  const good = pass();
  for (const call of early) breaker.failed(call);
  breaker.succeeded(good);
  expect(breaker.state).toBe('open');
  now += 1_000;
  breaker.succeeded(pass());
  fail(2);
  expect(breaker.state).toBe('closed');
});
