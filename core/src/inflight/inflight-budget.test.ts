import { describe, expect, it } from 'vitest';
import { InflightBudget } from './inflight-budget.ts';

const overloaded = expect.objectContaining({ code: 'overloaded', status: 503, retryAfterSecs: 1 });

describe('InflightBudget', () => {
  it('admits up to its number of requests, and again when one has left', () => {
    const budget = new InflightBudget({ maxRequests: 2, maxBytes: 100 });
    const first = budget.admit('a');
    budget.admit('a');
    expect(() => budget.admit('b')).toThrow(overloaded);
    first.release();
    expect(budget.admit('b').tenant).toBe('b');
  });

  it('refuses bytes over the bound unless the request is alone', () => {
    const budget = new InflightBudget({ maxRequests: 9, maxBytes: 100 });
    const alone = budget.admit('a');
    alone.charge(150);
    const other = budget.admit('a');
    expect(() => other.charge(1)).toThrow(overloaded);
    alone.release();
    other.charge(1);
    expect(budget.bytesInFlight).toBe(1);
  });

  it('keeps a tenant to half while another holds something, and only then', () => {
    const budget = new InflightBudget({ maxRequests: 9, maxBytes: 100 });
    const greedy = budget.admit('greedy');
    const greedyToo = budget.admit('greedy');
    greedy.charge(40);
    greedyToo.charge(30);
    const other = budget.admit('other');
    other.charge(10);
    expect(() => greedy.charge(1)).toThrow(overloaded);
    other.charge(20);
    other.release();
    greedy.charge(1);
    expect(budget.bytesInFlight).toBe(71);
  });

  it('lends what requests leave over to what they share, and counts it against them', () => {
    const budget = new InflightBudget({ maxRequests: 9, maxBytes: 100 });
    const first = budget.admit('a');
    first.charge(50);
    expect(budget.take(40)).toBe(true);
    expect(budget.take(20)).toBe(false);
    const second = budget.admit('a');
    expect(() => second.charge(20)).toThrow(overloaded);
    budget.give(40);
    second.charge(20);
    expect(budget.bytesInFlight).toBe(70);
  });

  it('gives back once, however often it is told', () => {
    const budget = new InflightBudget({ maxRequests: 9, maxBytes: 100 });
    const lease = budget.admit('a');
    lease.charge(60);
    lease.credit(20);
    expect(budget.bytesInFlight).toBe(40);
    lease.release();
    lease.release();
    expect([budget.bytesInFlight, budget.inFlight]).toEqual([0, 0]);
    lease.charge(10);
    lease.credit(5);
    expect([budget.bytesInFlight, budget.inFlight]).toEqual([0, 0]);
  });
});
