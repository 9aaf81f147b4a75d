import { setDifferenceOf, type GuardRule } from '../rule.ts';
import { Vocabulary } from '../vocabulary.ts';

/**
 * Prepositions and conjunctions of which none may stand for another, nor be left out. `During`, `while`, `within` and `in`
 * may stand for each other: they are in no class, so that they differ from all of these.
 */
const EXCLUSIVE = new Vocabulary([
  'before: before',
  'after: after afterwards',
  'since: since',
  'until: until till',
  'against: against',
  'despite: despite',
  'beyond: beyond',
]);

/** Before, during or after: words that carry no content place what is asked. */
export const prepositions: GuardRule = {
  name: 'preposition',
  difference: (a, b) => setDifferenceOf(EXCLUSIVE.in(a), EXCLUSIVE.in(b)),
  examples: {
    apart: [
      ['Is aspirin safe during pregnancy?', 'Is aspirin safe after pregnancy?'],
      ['Is aspirin safe before pregnancy?', 'Is aspirin safe in pregnancy?'],
      ['Can I swim while it thunders?', 'Can I swim after it thunders?'],
      ['Has it rained since Easter?', 'Has it rained until Easter?'],
      ['Can I pay within 30 days?', 'Can I pay after 30 days?'],
      ['Are vaccines tested for flu?', 'Are vaccines tested against flu?'],
    ],
    alike: [
      ['Is aspirin safe during pregnancy?', 'Is aspirin safe in pregnancy?'],
      ['Can I swim while pregnant?', 'Can I swim during pregnancy?'],
      ['What is between Rome and Pisa?', 'What lies from Rome to Pisa?'],
      ['Is it open until noon?', 'Is it open till noon?'],
    ],
  },
};
