import { GUARD_RULES } from './guard-rules.ts';
import { readingOf } from './reading.ts';

/** What was proposed: two questions and how near they are. */
export interface Candidate {
  /** The question that is asked now. */
  readonly asked: string;
  /** The one that was answered. */
  readonly answered: string;
  /** Cosine of the two. */
  readonly cosine: number;
  /** Least cosine of a hit. */
  readonly threshold: number;
}

/** Whether both questions have one answer, and why not. `difference` may quote single words: never log it. */
export type Verdict =
  | { readonly verdict: 'hit' }
  | { readonly verdict: 'below-threshold' }
  | { readonly verdict: 'guarded'; readonly rule: string; readonly difference: string };

/** Decides on a candidate. Cosine is necessary and never sufficient; when in doubt it is no hit. Pure. */
export function verifyHit({ asked, answered, cosine, threshold }: Candidate): Verdict {
  // Not (cosine >= threshold), so that what is no number is below as well.
  if (!(cosine >= threshold)) return { verdict: 'below-threshold' };
  // What a model cannot tell apart is only equal when it is written alike.
  if (folded(asked) === folded(answered)) return { verdict: 'hit' };
  const [a, b] = [readingOf(asked), readingOf(answered)];
  for (const rule of GUARD_RULES) {
    const found = rule.difference(a, b);
    if (found !== undefined) return { verdict: 'guarded', rule: rule.name, difference: found };
  }
  return { verdict: 'hit' };
}

/** Compatibility forms and white space are one; case and accents are not. */
function folded(text: string): string {
  return text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ');
}
