import { isJsonArray, isJsonObject, type JsonValue } from '@isartor/shared';

/**
 * The probability of the first label against the second, out of a chat answer's log probabilities of its first token:
 * servers tell those of before or after the constraint, so only the two are weighed against each other. A label that is
 * not listed is taken to be as likely as the least likely one that is. Undefined where neither is listed.
 */
export function labelProbability(answer: JsonValue, [first, second]: readonly [string, string]): number | undefined {
  const listed = topLogprobs(answer);
  const ofFirst = massOf(listed, first);
  const ofSecond = massOf(listed, second);
  if (ofFirst === 0 && ofSecond === 0) return undefined;
  const least = Math.min(...listed.map(({ logprob }) => Math.exp(logprob)));
  const [p, q] = [ofFirst === 0 ? least : ofFirst, ofSecond === 0 ? least : ofSecond];
  return p / (p + q);
}

interface Alternative {
  readonly token: string;
  readonly logprob: number;
}

function massOf(listed: readonly Alternative[], label: string): number {
  return listed.reduce((sum, { token, logprob }) => sum + (bare(token) === label ? Math.exp(logprob) : 0), 0);
}

/** A token without what tokenizers put before a word. */
function bare(token: string): string {
  return token.replace(/^[\s▁Ġ]+|\s+$/gu, '');
}

function topLogprobs(answer: JsonValue): readonly Alternative[] {
  const choice = firstOf(member(answer, 'choices'));
  const token = firstOf(member(member(choice, 'logprobs'), 'content'));
  const top = member(token, 'top_logprobs');
  if (!isJsonArray(top)) return [];
  return top.flatMap((item) => {
    const [text, logprob] = [member(item, 'token'), member(item, 'logprob')];
    return typeof text === 'string' && typeof logprob === 'number' ? [{ token: text, logprob }] : [];
  });
}

function firstOf(list: JsonValue | undefined): JsonValue | undefined {
  return isJsonArray(list) ? list[0] : undefined;
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
