/** How far two answers agree; closed, for a metric. */
export type Agreement = 'same' | 'alike' | 'different';

/** An answer of no more words is a label, a number or a name: it is the same or it is not. */
const SHORT_WORDS = 5;
/** Least F1 of the words of two longer answers that count as alike. */
const LEAST_F1 = 0.5;

/**
 * Compares what two models said. Equal texts (case, accents' form, punctuation and white space aside) are the same. Of two
 * longer ones that differ, the overlap of their words decides, as SQuAD scores answers (https://arxiv.org/abs/1606.05250,
 * section 6.1). It is wording that is compared and not truth: two right answers in other words count as different, and
 * long ones that differ in the one word that matters as alike.
 */
export function agreementOf(one: string, other: string): Agreement {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.join(' ') === b.join(' ')) return 'same';
  if (a.length <= SHORT_WORDS || b.length <= SHORT_WORDS) return 'different';
  return wordF1(a, b) >= LEAST_F1 ? 'alike' : 'different';
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}

function wordF1(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of b) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of a) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common += 1;
  }
  return (2 * common) / (a.length + b.length);
}
