import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

const FUTURE = /\b(?:will|shall|gonna|(?:am|is|are) going to|would have)\b/;
const PAST_HELPER = /\b(?:was|were|did|used to|had)\b/;
const PRESENT_HELPER =
  /\b(?:is|are|am|do|does|can|could|should|would|may|might|must|has|have|be|been|being|how to|become|get|gets|got)\b/;
/** Past forms that are hardly ever anything else; what is a participle as well counts where no helper stands. */
const PAST_VERB =
  /\b(?:\p{L}{2,}ed|won|wrote|taught|led|sang|paid|left|went|came|took|made|found|built|held|ran|spoke|gave|knew|became|began|grew|drew|fell|threw|owned|said|told|thought|bought|sold|lost|met|sent|spent|stood|sat|rose|beat)\b/u;
/** Done by then: `should I have taken it`, `have you eaten`. What was done lies in the past whatever the helper. */
const PERFECT =
  /(?:\b(?:can|could|should|may|might|must|will)(?: (?!have\b)\S+){0,3} have|^(?:have|has)(?: \S+){1,2}?)(?: not| ever| already)? (?:been|done|gone|eaten|taken|given|written|spoken|broken|chosen|driven|forgotten|gotten|seen|known|grown|thrown|got|had|made|paid|left|lost|met|sent|spent|built|felt|found|held|heard|kept|told|said|sold|bought|brought|caught|taught|thought|become|won|\p{L}{2,}ed)\b/u;

/** When it is: what was, what is and what will be have other answers. */
export const tense: GuardRule = {
  name: 'tense',
  difference(a, b) {
    const [tenseA, tenseB] = [tenseOf(a), tenseOf(b)];
    return tenseA === tenseB ? undefined : `${tenseA} / ${tenseB}`;
  },
  examples: {
    apart: [
      ['Who is the manager of the team?', 'Who was the manager of the team?'],
      ['Who owns the shop?', 'Who owned the shop?'],
      ['When will the road reopen?', 'When did the road reopen?'],
      ['Where does the queen live?', 'Where did the queen live?'],
      ['What will happen to old accounts?', 'What happened to old accounts?'],
      ['Should I take the vaccine?', 'Should I have taken the vaccine?'],
      ['Could the referee stop it?', 'Could the referee have stopped it?'],
      ['Will the shop open?', 'Will the shop have opened?'],
      ['Do you eat snails?', 'Have you ever eaten snails?'],
    ],
    alike: [
      ['Who wrote Emma?', 'By whom was Emma written?'],
      ['How is cheese made?', 'How do you make cheese?'],
      ['When was the wall built?', 'When did they build the wall?'],
      ['How can I fix a broken lamp?', 'How do I fix a lamp that is broken?'],
      ['Should I have a coffee?', 'Should I drink a coffee?'],
      ['Have you ever eaten snails?', 'Did you ever eat snails?'],
      ['Can you tell me who painted it?', 'Who painted it?'],
      ['I was wondering how salt is made', 'How is salt made?'],
    ],
  },
};

const ASKING =
  /^(?:i was wondering\b|.{0,40}?\b(?:can|could|would|may|might|do|does)\b (?:you|i|anyone|somebody|someone)\b.{0,24}?\b(?:tell me|explain|know|ask)\b) ?/;

function tenseOf({ words }: Reading): 'past' | 'present' | 'future' | 'future perfect' {
  const text = words.join(' ').replace(ASKING, '');
  if (FUTURE.test(text)) return PERFECT.test(text) ? 'future perfect' : 'future';
  if (PAST_HELPER.test(text) || PERFECT.test(text)) return 'past';
  return !PRESENT_HELPER.test(text) && PAST_VERB.test(text) ? 'past' : 'present';
}
