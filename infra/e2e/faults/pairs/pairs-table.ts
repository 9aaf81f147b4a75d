import { FORMS, inWords, type Form } from '../outcome.ts';
import { PAIR_FAULTS, type PairFault } from './pair-faults.ts';

/** The lines of the table of all surfaces before all providers: their outcomes are the same, or the tests fail. */
export function pairsTable(): string {
  return PAIR_FAULTS.flatMap((fault) => FORMS.flatMap((form) => lineOf(fault, form))).join('\n');
}

function lineOf({ title, must, mustTranslated = must }: PairFault, form: Form): string[] {
  const native = must[form];
  const translated = mustTranslated[form];
  if (translated === undefined) return [];
  const cells = [native === undefined ? 'passed on as it is' : inWords(native)];
  cells.push(native !== undefined && inWords(translated) === cells[0] ? 'same' : inWords(translated));
  return [`| ${[title, form, ...cells].join(' | ')} |`];
}
