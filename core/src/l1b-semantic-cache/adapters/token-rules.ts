import { z } from 'zod';

/** Which token ids say nothing of the text, or were not meant to come from it. */
export interface TokenRules {
  /** Undefined where every text has tokens of its own (byte-level models). */
  readonly unknownId: number | undefined;
  readonly specialIds: ReadonlySet<number>;
}

/** What of `tokenizer.json` is read here. */
const TOKENIZER = z.object({
  added_tokens: z.array(z.object({ id: z.int(), content: z.string(), special: z.boolean() })).default([]),
  model: z.object({
    unk_token: z.string().nullish(),
    unk_id: z.int().nullish(),
    vocab: z.unknown(),
  }),
});

/** Throws when the file is not a tokenizer. */
export function readTokenRules(tokenizer: object): TokenRules {
  const { added_tokens, model } = TOKENIZER.parse(tokenizer);
  const { unk_token: unknown, vocab } = model;
  const added = added_tokens.find(({ content }) => content === unknown);
  const inVocabulary = typeof unknown === 'string' ? z.record(z.string(), z.int()).safeParse(vocab).data : undefined;
  const unknownId = model.unk_id ?? added?.id ?? inVocabulary?.[unknown ?? ''];
  return {
    unknownId,
    specialIds: new Set(added_tokens.filter(({ special, id }) => special && id !== unknownId).map(({ id }) => id)),
  };
}
