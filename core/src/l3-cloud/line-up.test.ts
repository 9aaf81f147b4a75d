import { describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../upstream/circuit-breaker.ts';
import { lineUp, type Link } from './line-up.ts';

let now = 0;

function link(name: string, weight = 0): Link {
  const provider = {
    name,
    dialect: 'openai' as const,
    defaultModel: 'm',
    asksUsage: false,
    call: () => Promise.reject(new Error('not asked here')),
    listModels: () => Promise.reject(new Error('not asked here')),
    close: () => Promise.resolve(),
  };
  return { provider, weight, breaker: new CircuitBreaker({ failures: 1, openMs: 10 }, () => now) };
}

function order(links: readonly Link[], random: number): string {
  return [...lineUp(links, () => random)].map(({ provider }) => provider.name).join('');
}

describe('the order in which providers are asked', () => {
  test('is that of the list where nobody has a weight', () => {
    expect(order([link('a'), link('b'), link('c')], 0.99)).toBe('abc');
    expect(order([link('a', 0), link('b', 0)], 0.99)).toBe('ab');
  });

  test.each([
    [0, 'abcd'],
    [0.249, 'abcd'],
    [0.25, 'cabd'],
    [0.999_999, 'cabd'],
  ])('begins with one that has a weight, by its share (random %s), and goes on as listed: %s', (random, expected) => {
    expect(order([link('a', 1), link('b', 0), link('c', 3), link('d')], random)).toBe(expected);
  });

  test('passes over who is open, also when it opened meanwhile', () => {
    const links = [link('a'), link('b'), link('c')] as const;
    links[0].breaker.begin().failed();
    const asked: string[] = [];
    for (const { provider } of lineUp(links, () => 0)) {
      asked.push(provider.name);
      links[2].breaker.begin().failed();
    }
    expect(asked).toEqual(['b']);
  });

  test('is the one that has been open the longest, alone, when all are open', () => {
    const links = [link('a'), link('b'), link('c')] as const;
    for (const [at, index] of [2, 0, 1].entries()) {
      now = at;
      links[index]?.breaker.begin().failed();
    }
    expect(order(links, 0)).toBe('c');
  });
});
