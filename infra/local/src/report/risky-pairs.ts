import type { RiskyPair } from './shadow-report.ts';

/** The pairs that were least sure, in lines to read: texts where there are some, else digests. */
export function riskyPairs(pairs: readonly RiskyPair[]): readonly string[] {
  if (pairs.length === 0) return ['no pair would have been served'];
  return [
    `the ${pairs.length} pairs that were least sure (asked, and whose answer it would have got):`,
    ...pairs.flatMap((pair) => {
      const sure = pair.probability === null ? '' : `, probability ${pair.probability.toFixed(3)}`;
      const [asked, answered] = [pair.texts?.asked ?? pair.asked, pair.texts?.answered ?? pair.answered];
      return [
        `  ${pair.tenant}, ${pair.model}: cosine ${pair.cosine.toFixed(3)}${sure}`,
        `    ${asked}`,
        `    ${answered}`,
      ];
    }),
  ];
}
