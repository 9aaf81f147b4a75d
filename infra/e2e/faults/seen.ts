import type { Row, Site } from './fault-case.ts';
import type { Outcome } from './outcome.ts';

/** Outcomes by row and by who was looked at. */
export class Seen {
  readonly #outcomes = new Map<string, Outcome>();

  add(who: Site | 'portkey', row: Row, outcome: Outcome): void {
    this.#outcomes.set(keyOf(who, row), outcome);
  }

  get(who: Site | 'portkey', row: Row): Outcome | undefined {
    return this.#outcomes.get(keyOf(who, row));
  }
}

function keyOf(who: string, { fault, form }: Row): string {
  return `${who}: ${fault.title}: ${form}`;
}
