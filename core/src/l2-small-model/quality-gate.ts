/** Why an answer of the small model is not passed on; the `why` of `x-isartor-route` after `gate-`. */
export type GateRule = 'empty' | 'refusal' | 'finish' | 'length' | 'confidence';

/** What is known of an answer so far. */
export interface Said {
  /** The text so far. */
  readonly text: string;
  /** As the server names it; undefined as long as the answer goes on. */
  readonly finish: string | undefined;
  /** Whether the caller bounded the answer's length: to end there is then what was asked for. */
  readonly bounded: boolean;
  /** Whether the model was less sure of its words than it must be. */
  readonly isUnsure: boolean;
}

/** `wait`: it cannot be told yet. */
export type Verdict = { readonly kind: 'pass' } | { readonly kind: 'wait' } | Refused;
type Refused = { readonly kind: 'refuse'; readonly rule: GateRule };

const PASS: Verdict = { kind: 'pass' };
const WAIT: Verdict = { kind: 'wait' };

/** A refusal shows itself within so many characters. */
const ENOUGH_CHARACTERS = 64;
/** Openings by which models decline; apostrophes are made plain and spaces single before. */
const REFUSALS: readonly RegExp[] = [
  /^(i'm|i am|we're|we are) (very |so |really |truly )?sorry\b/,
  /^(sorry|apologies|my apologies|unfortunately),? (but )?(i|we)\b/,
  /^i apologi[sz]e\b/,
  /^(i|we) (can't|cannot|can not|won't|will not|am unable|'m unable|am not able|'m not able|do not have|don't have|do not know|don't know)\b/,
  /^i'm (unable|not able|not sure|just an ai|an ai)\b/,
  /^as an? (ai|artificial|large language|language model|assistant)\b/,
  /^(es tut mir leid|tut mir leid|leider kann ich)/,
  /^(je suis désolé|désolé|je ne peux pas)/,
  /^(lo siento|no puedo)\b/,
];

/** Judges an answer, or the beginning of one. */
export function judge(said: Said): Verdict {
  const verdict = judgeText(said);
  return verdict.kind === 'pass' && said.isUnsure ? refuse('confidence') : verdict;
}

function judgeText({ text, finish, bounded }: Said): Verdict {
  const head = plain(text);
  if (finish !== undefined && finish !== 'stop' && finish !== 'length') return refuse('finish');
  if (REFUSALS.some((pattern) => pattern.test(head))) return refuse('refusal');
  if (finish === undefined) return head.length >= ENOUGH_CHARACTERS ? PASS : WAIT;
  if (head === '') return refuse('empty');
  return finish === 'length' && !bounded ? refuse('length') : PASS;
}

function refuse(rule: GateRule): Refused {
  return { kind: 'refuse', rule };
}

function plain(text: string): string {
  return text
    .slice(0, 4 * ENOUGH_CHARACTERS)
    .replaceAll('’', "'")
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
