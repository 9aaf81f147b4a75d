import { describe, expect, test } from 'vitest';
import { probedTokenRules, unrepresentableTokens } from './probed-token-rules.ts';

const plain = (...ids: number[]) => ids.map((id) => ({ id, special: false }));
const framed = [{ id: 101, special: true }, ...plain(7), { id: 102, special: true }];

describe('the rules of a tokenizer that is probed', () => {
  test.each([
    ['one token for each unknown word', [plain(100), plain(100), plain(100), plain(100)], 100],
    ['a token for the beginning of a word before it', [plain(6, 3), plain(6, 3), plain(6, 3), plain(6, 3)], 3],
    ['one sign that it knows', [plain(9), plain(100), plain(100), plain(100)], 100],
    ['tokens for bytes', [plain(1, 2, 3), plain(1, 2, 4), plain(1, 5, 4), plain(1, 5, 6)], undefined],
    ['nothing for what it does not know', [[], [], [], []], undefined],
  ])('with %s', (_what, unknown, unknownId) => {
    expect(probedTokenRules(unknown, framed).unknownId).toBe(unknownId);
  });

  const known = probedTokenRules([plain(100), plain(100), plain(100), plain(100)], framed);
  const dropping = probedTokenRules([[], [], [], []], framed);
  test.each([
    ['is plain', known, 'Why?', plain(5, 6), undefined],
    ['has the unknown token', known, 'Why 法?', plain(5, 100), 'unknown-token'],
    ['has a token that the template adds', known, 'Why?', plain(5, 102), 'special-token'],
    ['spells a token that no template adds', known, 'Why [PAD]?', plain(5, 0), 'special-token'],
    ['has no token', known, '\u{e000}', [], 'unknown-token'],
    ['is in another script, which the tokenizer knows', known, '法国', plain(8, 9), undefined],
    ['is in another script, of which it may drop words', dropping, 'Why 法?', plain(5), 'unknown-token'],
  ])('a text that %s', (_what, rules, text, tokens, why) => {
    expect(unrepresentableTokens(rules, text, tokens)).toBe(why);
  });
});
