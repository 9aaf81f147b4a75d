/** A pair to be shown: by its texts, or by the digests of their keys. */
type ShownPair = {
  readonly tenant: string;
  readonly model: string;
  readonly cosine: number;
  readonly probability: number | null;
} & (
  | { readonly asked: string; readonly answered: string; readonly texts?: PairTexts | undefined }
  | { readonly texts: PairTexts }
);

interface PairTexts {
  readonly asked: string;
  readonly answered: string;
}

/** The pairs that were least sure, in lines to read: texts where there are some, else digests. */
export function riskyPairs(pairs: readonly ShownPair[]): readonly string[] {
  if (pairs.length === 0) return ['no pair would have been served'];
  return [
    `the ${pairs.length} pairs that were least sure (asked, and whose answer it would have got):`,
    ...pairs.flatMap((pair) => {
      const sure = pair.probability === null ? '' : `, probability ${pair.probability.toFixed(3)}`;
      const { asked, answered } = 'asked' in pair ? (pair.texts ?? pair) : pair.texts;
      return [
        `  ${pair.tenant}, ${pair.model}: cosine ${pair.cosine.toFixed(3)}${sure}`,
        `    ${asked}`,
        `    ${answered}`,
      ];
    }),
  ];
}
