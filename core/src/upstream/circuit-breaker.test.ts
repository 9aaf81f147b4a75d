import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitBreaker, type BreakerState } from './circuit-breaker.ts';

let now: number;
let seen: BreakerState[];
let breaker: CircuitBreaker;

beforeEach(() => {
  now = 0;
  seen = [];
  breaker = new CircuitBreaker(
    { failures: 3, openMs: 10_000 },
    () => now,
    (state) => seen.push(state),
  );
});

function fail(times: number): void {
  for (let time = 0; time < times; time += 1) breaker.begin().failed();
}

describe('a closed breaker', () => {
  test('opens at the last of so many failures in a row, and says so', () => {
    fail(2);
    expect(breaker.admits).toBe(true);
    fail(1);
    expect(breaker.admits).toBe(false);
    expect(seen).toEqual(['open']);
  });

  test('forgets failures at a success', () => {
    fail(2);
    breaker.begin().succeeded();
    fail(2);
    expect(breaker.state).toBe('closed');
  });

  test('learns nothing from a call that was called off', () => {
    fail(2);
    breaker.begin().abandoned();
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
  });

  test('counts one verdict a call', () => {
    const call = breaker.begin();
    call.failed();
    call.failed();
    call.failed();
    expect(breaker.state).toBe('closed');
  });
});

describe('an open breaker', () => {
  beforeEach(() => fail(3));

  test('admits one trial when its time is over, and nobody else meanwhile', () => {
    now = 9_999;
    expect(breaker.admits).toBe(false);
    now = 10_000;
    expect(breaker.admits).toBe(true);
    breaker.begin();
    expect(breaker.admits).toBe(false);
    expect(seen).toEqual(['open', 'half-open']);
  });

  test('closes after a good trial', () => {
    now = 10_000;
    breaker.begin().succeeded();
    expect(breaker.admits).toBe(true);
    expect(seen).toEqual(['open', 'half-open', 'closed']);
    fail(2);
    expect(breaker.state).toBe('closed');
  });

  test('opens anew after a bad trial, for as long as before', () => {
    now = 10_000;
    breaker.begin().failed();
    expect(breaker.lastOpenedAt).toBe(10_000);
    now = 19_999;
    expect(breaker.admits).toBe(false);
    now = 20_000;
    expect(breaker.admits).toBe(true);
  });

  test('admits the next trial at once when one was called off', () => {
    now = 10_000;
    breaker.begin().abandoned();
    expect(breaker.admits).toBe(true);
    expect(breaker.lastOpenedAt).toBe(0);
  });

  test('takes a call that was made all the same for a trial', () => {
    now = 5;
    breaker.begin().succeeded();
    expect(breaker.state).toBe('closed');
  });
});

test('what began before it opened or closed does not count any more', () => {
  const early = [breaker.begin(), breaker.begin(), breaker.begin(), breaker.begin()] as const;
  const good = breaker.begin();
  for (const call of early) call.failed();
  expect(breaker.lastOpenedAt).toBe(0);
  good.succeeded();
  expect(breaker.state).toBe('open');
  now = 10_000;
  const [first, second] = [breaker.begin(), breaker.begin()];
  first.succeeded();
  second.failed();
  expect(breaker.state).toBe('closed');
  expect(seen).toEqual(['open', 'half-open', 'closed']);
});
