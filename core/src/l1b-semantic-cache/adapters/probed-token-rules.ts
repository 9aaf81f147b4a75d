import type { UnrepresentableReason } from '../embedder.port.ts';
import { spellsSpecialToken, usesUnprovenScript } from './plain-text-rules.ts';
import type { TokenRules } from './token-rules.ts';

/** Signs of scripts that nobody writes any more, each a letter: no vocabulary is expected to hold them. */
export const UNKNOWN_PROBES: readonly string[] = ['\u{10600}', '\u{12000}', '\u{13000}', '\u{14400}'];
/** What a tokenizer adds around a text is told by any text; none is not a text to every server. */
export const FRAMED_PROBE = 'a';

/** What a tokenizer tells of one token: `special` only of what its template adds around a text. */
export interface ProbedToken {
  readonly id: number;
  readonly special: boolean;
}

/** What the probes told of a tokenizer that nobody can look into. */
export interface ProbedTokenRules extends TokenRules {
  /** True where a sign that it does not know leaves no token at all: then no token tells that something is missing. */
  readonly dropsUnknown: boolean;
}

/**
 * Learns a tokenizer's rules from what it makes of the probes. Two signs that come to the same tokens are not known
 * apart, and the last of those tokens is the unknown one (the first may stand for the beginning of a word); where all
 * differ, as byte-level tokenizers have it, there is none.
 *
 * @param unknown tokens of UNKNOWN_PROBES, nothing added
 * @param framed tokens of FRAMED_PROBE, with what the template adds
 */
export function probedTokenRules(
  unknown: readonly (readonly ProbedToken[])[],
  framed: readonly ProbedToken[],
): ProbedTokenRules {
  const readings = unknown.map((tokens) => tokens.map(({ id }) => id));
  const shared = readings.find(
    (ids, at) => ids.length > 0 && readings.some((other, i) => i !== at && same(ids, other)),
  );
  return {
    unknownId: shared?.at(-1),
    specialIds: new Set(framed.filter(({ special }) => special).map(({ id }) => id)),
    dropsUnknown: readings.some((ids) => ids.length === 0),
  };
}

/** Why a text is not represented by its tokens, nothing added to them; undefined where it is. */
export function unrepresentableTokens(
  { unknownId, specialIds, dropsUnknown }: ProbedTokenRules,
  text: string,
  tokens: readonly ProbedToken[],
): UnrepresentableReason | undefined {
  // The ids of those that no template adds, such as `[PAD]`, are not known: how they are spelt is.
  if (spellsSpecialToken(text) || tokens.some(({ id, special }) => special || specialIds.has(id))) {
    return 'special-token';
  }
  if (tokens.length === 0 || tokens.some(({ id }) => id === unknownId)) return 'unknown-token';
  return dropsUnknown && usesUnprovenScript(text) ? 'unknown-token' : undefined;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, at) => id === b[at]);
}
