import type { GuardRule } from './rule.ts';
import { addresses } from './rules/addresses.ts';
import { antonyms } from './rules/antonyms.ts';
import { bounds } from './rules/bounds.ts';
import { currencies } from './rules/currencies.ts';
import { dates } from './rules/dates.ts';
import { degrees } from './rules/degrees.ts';
import { entities } from './rules/entities.ts';
import { extraSentence } from './rules/extra-sentence.ts';
import { identifiers } from './rules/identifiers.ts';
import { language } from './rules/language.ts';
import { negation } from './rules/negation.ts';
import { numbers } from './rules/numbers.ts';
import { padding } from './rules/padding.ts';
import { prepositions } from './rules/prepositions.ts';
import { questionType } from './rules/question-type.ts';
import { quotations } from './rules/quotations.ts';
import { roles } from './rules/roles.ts';
import { scopeWords } from './rules/scope-words.ts';
import { smallWord } from './rules/small-word.ts';
import { substitution } from './rules/substitution.ts';
import { tense } from './rules/tense.ts';
import { units } from './rules/units.ts';

/** All rules; the first that finds a difference is the one that is told. */
export const GUARD_RULES: readonly GuardRule[] = [
  addresses,
  quotations,
  identifiers,
  numbers,
  bounds,
  currencies,
  dates,
  units,
  negation,
  antonyms,
  degrees,
  scopeWords,
  prepositions,
  language,
  entities,
  questionType,
  tense,
  roles,
  substitution,
  smallWord,
  extraSentence,
  padding,
];
