import { distance } from 'fastest-levenshtein';

/** Farther than a third of its length, a name is not a slip of the pen any more. */
const FARTHEST = 1 / 3;

/** The known name that was probably meant, if any is near. Case does not count. */
export function suggestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length * FARTHEST)) + 1;
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase());
    // As many steps as letters: nothing in common.
    if (steps < least && steps < Math.max(name.length, candidate.length)) [best, least] = [candidate, steps];
  }
  return best;
}
