import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

const FUTURE = /\b(?:will|shall|gonna|(?:am|is|are) going to|would have)\b/;
const PAST_HELPER = /\b(?:was|were|did|used to|had)\b/;
const PRESENT_HELPER =
  /\b(?:is|are|am|do|does|can|could|should|would|may|might|must|has|have|be|been|being|how to|become|get|gets|got)\b/;
/** Past forms that are hardly ever anything else; what is a participle as well counts where no helper stands. */
const PAST_VERB =
  /\b(?:\p{L}{2,}ed|won|wrote|taught|led|sang|paid|left|went|came|took|made|found|built|held|ran|spoke|gave|knew|became|began|grew|drew|fell|threw|owned|said|told|thought|bought|sold|lost|met|sent|spent|stood|sat|rose|beat)\b/u;

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
    ],
    alike: [
      ['Who wrote Emma?', 'By whom was Emma written?'],
      ['How is cheese made?', 'How do you make cheese?'],
      ['When was the wall built?', 'When did they build the wall?'],
      ['How can I fix a broken lamp?', 'How do I fix a lamp that is broken?'],
      ['Can you tell me who painted it?', 'Who painted it?'],
      ['I was wondering how salt is made', 'How is salt made?'],
    ],
  },
};

const ASKING =
  /^(?:i was wondering\b|.{0,40}?\b(?:can|could|would|may|might|do|does)\b (?:you|i|anyone|somebody|someone)\b.{0,24}?\b(?:tell me|explain|know|ask)\b) ?/;

function tenseOf({ words }: Reading): 'past' | 'present' | 'future' {
  const text = words.join(' ').replace(ASKING, '');
  if (FUTURE.test(text)) return 'future';
  if (PAST_HELPER.test(text)) return 'past';
  return !PRESENT_HELPER.test(text) && PAST_VERB.test(text) ? 'past' : 'present';
}
