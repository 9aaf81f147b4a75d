import type { StoredEntry } from '@isartor/shared';

/** What a lookup came to. `cosine` is that of the nearest candidate that was judged. */
export type Outcome =
  | {
      readonly kind: 'hit';
      readonly cosine: number;
      /** The source: the digest of the entry that answers, and the entry. */
      readonly digest: string;
      readonly entry: StoredEntry;
      readonly ageSecs: number;
      /** The question that it answered. Never log it. */
      readonly answered: string;
      /** That both questions have one answer; undefined where it was not weighed. */
      readonly probability: number | undefined;
    }
  /** Nothing near enough, or nothing at all: then there is no cosine. */
  | { readonly kind: 'below-threshold'; readonly cosine: number | undefined }
  | { readonly kind: 'guarded'; readonly rule: string; readonly cosine: number }
  | { readonly kind: 'ineligible'; readonly why: string }
  /** No model, no store, or not in time; `why` for metrics and log. */
  | { readonly kind: 'unavailable'; readonly why: string };

/** The value of `x-isartor-semantic`. */
export function headerOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'hit':
    case 'below-threshold':
    case 'unavailable':
      return outcome.kind;
    case 'guarded':
      return `guarded:${outcome.rule}`;
    case 'ineligible':
      return `ineligible:${outcome.why}`;
    default:
      return outcome satisfies never;
  }
}

/** The reason, for metrics; undefined where the kind says it all. */
export function whyOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'guarded') return outcome.rule;
  return outcome.kind === 'ineligible' || outcome.kind === 'unavailable' ? outcome.why : undefined;
}
