import type { ModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { dot } from '../src/l1b-semantic-cache/verifier/aligned-words.ts';
import { pairFeatures } from '../src/l1b-semantic-cache/verifier/pair-features.ts';
import { verifyHit } from '../src/l1b-semantic-cache/verifier/verify-hit.ts';
import { EmbeddedTexts } from './embedded-texts.ts';

/** A pair as each part of the verifier sees it. */
export interface ScoredPair {
  /** Undefined, as the features, where the model cannot represent one of the texts. */
  readonly cosine: number | undefined;
  readonly features: readonly number[] | undefined;
  /** The rule that keeps the two apart. */
  readonly guard: string | undefined;
}

/** Embeds, aligns and judges pairs, in their order. */
export async function scorePairs(
  pairs: readonly { readonly a: string; readonly b: string }[],
  folder: ModelFolder,
  tell: (done: number, all: number) => void,
): Promise<readonly ScoredPair[]> {
  const texts = await EmbeddedTexts.of(
    pairs.flatMap(({ a, b }) => [a, b]),
    folder,
    tell,
  );
  return pairs.map(({ a, b }) => {
    const verdict = verifyHit({ asked: a, answered: b, cosine: 1, threshold: 0 });
    const guard = verdict.verdict === 'guarded' ? verdict.rule : undefined;
    const [inA, inB] = [texts.get(a), texts.get(b)];
    if (inA === undefined || inB === undefined) return { cosine: undefined, features: undefined, guard };
    const cosine = dot(inA.vector, inB.vector);
    const features = pairFeatures({ text: a, tokens: inA.tokens }, { text: b, tokens: inB.tokens }, cosine);
    return { cosine, features, guard };
  });
}
