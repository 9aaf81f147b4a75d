import type { Reading } from './reading.ts';

/** A reason why two questions may not have one answer. Pure; when in doubt it finds a difference. */
export interface GuardRule {
  /** Told in `x-isartor-semantic: guarded:<name>`. */
  readonly name: string;
  /** What differs, in words that quote at most single words of the texts; undefined where the rule finds nothing. */
  difference(a: Reading, b: Reading): string | undefined;
  /** What the rule is for: pairs that it keeps apart, and pairs that it lets pass. */
  readonly examples: {
    readonly apart: readonly (readonly [string, string])[];
    readonly alike: readonly (readonly [string, string])[];
  };
}

/** Says what is in one list and not as often in the other; undefined where both hold the same. */
export function differenceOf(a: readonly string[], b: readonly string[]): string | undefined {
  const onlyA = without(a, b);
  const onlyB = without(b, a);
  if (onlyA.length === 0 && onlyB.length === 0) return undefined;
  return `${onlyA.join(', ') || 'nothing'} / ${onlyB.join(', ') || 'nothing'}`;
}

/** The same of sets: how often something is said does not count. */
export function setDifferenceOf(a: Iterable<string>, b: Iterable<string>): string | undefined {
  return differenceOf([...new Set(a)], [...new Set(b)]);
}

function without(list: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return list.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
