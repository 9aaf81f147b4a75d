import { describe, expect, test } from 'vitest';
import { GUARD_RULES } from './guard-rules.ts';
import { verifyHit } from './verify-hit.ts';

function verdictOf(asked: string, answered: string, cosine = 0.99) {
  return verifyHit({ asked, answered, cosine, threshold: 0.95 });
}

describe('a candidate is a hit', () => {
  test.each([
    ['How do I reset a password?', 'How can I reset a password?'],
    ['How do I reset a password?', ' How do I  reset a password? '],
    ['What is the capital of France?', 'what is the capital of france'],
    ['Explain the ﬁle format', 'Explain the file format'],
  ])('%s | %s', (asked, answered) => {
    expect(verdictOf(asked, answered)).toEqual({ verdict: 'hit' });
  });
});

describe('a candidate is none', () => {
  test.each([0.949, -1, Number.NaN])('at a cosine of %d, even of the same text', (cosine) => {
    expect(verdictOf('Why?', 'Why?', cosine)).toEqual({ verdict: 'below-threshold' });
  });

  test('when a rule finds a difference, which is told', () => {
    expect(verdictOf('How far is 5 miles?', 'How far is 6 miles?')).toEqual({
      verdict: 'guarded',
      rule: 'number',
      difference: '5 / 6',
    });
  });

  const apart = GUARD_RULES.flatMap(({ examples }) => examples.apart);
  test.each(apart)('for every example that some rule keeps apart: %s | %s', (asked, answered) => {
    expect(verdictOf(asked, answered).verdict).toBe('guarded');
    expect(verdictOf(answered, asked).verdict).toBe('guarded');
  });
});
