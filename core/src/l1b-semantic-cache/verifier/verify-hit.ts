import type { TokenVectors } from '../token-vectors.ts';
import { GUARD_RULES } from './guard-rules.ts';
import { probabilityOf, type Head } from './head.ts';
import { pairFeatures } from './pair-features.ts';
import { readingOf } from './reading.ts';

/** What the texts' own tokens say of a pair; only an embedder that gives token vectors has it. */
interface Evidence {
  readonly asked: TokenVectors;
  readonly answered: TokenVectors;
  readonly head: Head;
  /** Least probability of a hit: the operating point. */
  readonly least: number;
}

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
  readonly evidence?: Evidence | undefined;
}

/**
 * Whether both questions have one answer, and why not. `difference` may quote single words: never log it.
 * `probability`: where it was weighed.
 */
export type Verdict =
  | { readonly verdict: 'hit'; readonly probability?: number }
  | { readonly verdict: 'below-threshold' }
  | { readonly verdict: 'guarded'; readonly rule: string; readonly difference: string }
  | { readonly verdict: 'improbable'; readonly probability: number };

/** Decides on a candidate. Cosine is necessary and never sufficient; when in doubt it is no hit. Pure. */
export function verifyHit({ asked, answered, cosine, threshold, evidence }: Candidate): Verdict {
  // Not (cosine >= threshold), so that what is no number is below as well.
  if (!(cosine >= threshold)) return { verdict: 'below-threshold' };
  // What a model cannot tell apart is only equal when it is written alike.
  if (areWrittenAlike(asked, answered)) return { verdict: 'hit' };
  const [a, b] = [readingOf(asked), readingOf(answered)];
  for (const rule of GUARD_RULES) {
    const found = rule.difference(a, b);
    if (found !== undefined) return { verdict: 'guarded', rule: rule.name, difference: found };
  }
  return evidence === undefined ? { verdict: 'hit' } : weighed({ asked, answered, cosine }, evidence);
}

function weighed({ asked, answered, cosine }: Omit<Candidate, 'threshold'>, evidence: Evidence): Verdict {
  const features = pairFeatures(
    { text: asked, tokens: evidence.asked },
    { text: answered, tokens: evidence.answered },
    cosine,
  );
  const probability = probabilityOf(evidence.head, features);
  return { verdict: probability >= evidence.least ? 'hit' : 'improbable', probability };
}

/** Compatibility forms and white space are one; case and accents are not. */
export function areWrittenAlike(a: string, b: string): boolean {
  return folded(a) === folded(b);
}

function folded(text: string): string {
  return text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ');
}
