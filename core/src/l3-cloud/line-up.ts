import type { CircuitBreaker } from '../upstream/circuit-breaker.ts';
import type { Provider } from './provider.port.ts';

/** A provider and the breaker that watches it. */
export interface Link {
  readonly provider: Provider;
  readonly breaker: CircuitBreaker;
  /** Its share of the first choice; 0: it is only asked after others. */
  readonly weight: number;
  /** What it is asked for, whatever the request names; undefined: that, or the provider's own. */
  readonly model?: string | undefined;
}

/**
 * Who is asked, in order: the first choice by weight, then the others as listed; those whose breaker is open are passed
 * over. Looked at only when its turn has come, so that what happened meanwhile counts. When all are open, the one that
 * has been open the longest is asked all the same: some answer is better than none.
 */
export function* lineUp(links: readonly Link[], random: () => number): Generator<Link, void, undefined> {
  let any = false;
  for (const link of byFirstChoice(links, random)) {
    if (!link.breaker.admits) continue;
    any = true;
    yield link;
  }
  const [longestOpen] = links.toSorted((a, b) => a.breaker.lastOpenedAt - b.breaker.lastOpenedAt);
  if (!any && longestOpen !== undefined) yield longestOpen;
}

/** Where nobody has a weight, the first in the list comes first; else one of those that have one, by its share. */
function byFirstChoice(links: readonly Link[], random: () => number): readonly Link[] {
  const total = links.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return links;
  let left = random() * total;
  const first = links.find(({ weight }) => (left -= weight) < 0);
  return first === undefined ? links : [first, ...links.filter((link) => link !== first)];
}
