import type { LanguageModelV4Content, LanguageModelV4Usage, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import fc from 'fast-check';
import type { AnswerLabel, ModelAnswer, ModelPart } from '../../src/l3-cloud/translation/surface.port.ts';

/** A label as every test may use it. */
export const LABEL: AnswerLabel = { id: 'abc', model: 'asked-model', createdSecs: 1_750_000_000 };

/** What a provider that counts says. */
export const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 12, noCache: 9, cacheRead: 3, cacheWrite: 0 },
  outputTokens: { total: 7, text: 5, reasoning: 2 },
};

/** An answer of these parts. */
export function modelAnswer(
  content: ModelAnswer['content'],
  unified: ModelAnswer['finishReason']['unified'] = 'stop',
  others: Partial<ModelAnswer> = {},
): ModelAnswer {
  return { content, finishReason: { unified, raw: undefined }, usage: USAGE, ...others };
}

const words = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const signature = fc.base64String({ minLength: 4, maxLength: 8 });
const googleSeal = signature.map((thoughtSignature) => ({ google: { thoughtSignature } }));
const anthropicSeal = signature.map((seal) => ({ anthropic: { signature: seal } }));

function perhaps<T>(value: fc.Arbitrary<T>): fc.Arbitrary<{ providerMetadata?: T }> {
  return fc.option(value, { nil: undefined }).map((providerMetadata) => (providerMetadata ? { providerMetadata } : {}));
}

const text = fc.oneof(
  fc
    .tuple(words, perhaps(googleSeal))
    .map(([said, seal]): LanguageModelV4Content => ({ type: 'text', text: said, ...seal })),
  googleSeal.map((seal): LanguageModelV4Content => ({ type: 'text', text: '', providerMetadata: seal })),
);

const thoughts = fc.oneof(
  fc
    .tuple(words, perhaps(fc.oneof(googleSeal, anthropicSeal)))
    .map(([said, seal]): LanguageModelV4Content => ({ type: 'reasoning', text: said, ...seal })),
  signature.map((redactedData): LanguageModelV4Content => ({
    type: 'reasoning',
    text: '',
    providerMetadata: { anthropic: { redactedData } },
  })),
);

const image = fc.constant<LanguageModelV4Content>({
  type: 'file',
  mediaType: 'image/png',
  data: { type: 'data', data: 'iVBORw0KGgo=' },
});

const call = fc
  .tuple(
    words,
    fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.string(), fc.nat(), fc.boolean())),
    perhaps(googleSeal),
  )
  .map(([toolName, input, seal]): LanguageModelV4Content => ({
    type: 'tool-call',
    toolCallId: '',
    toolName,
    input: JSON.stringify(input),
    ...seal,
  }));

function numbered(content: readonly LanguageModelV4Content[]): LanguageModelV4Content[] {
  return content.map((part, position) =>
    part.type === 'tool-call' ? { ...part, toolCallId: `call_${position}` } : part,
  );
}

/** Parts in any order. */
export const anyContent: fc.Arbitrary<LanguageModelV4Content[]> = fc
  .array(fc.oneof(text, thoughts, image, call), { maxLength: 6 })
  .map(numbered);

/** Parts in the order that a chat message has: thoughts, one text, pictures, calls. */
export const messageContent: fc.Arbitrary<LanguageModelV4Content[]> = fc
  .tuple(
    fc.array(thoughts, { maxLength: 3 }),
    fc.array(text, { maxLength: 1 }),
    fc.array(image, { maxLength: 1 }),
    fc.array(call, { maxLength: 3 }),
  )
  .map((parts) => numbered(parts.flat()));

/** How an answer is cut into pieces: the length of each, and whether calls come in pieces at all. */
export interface Cut {
  readonly length: number;
  readonly calls: boolean;
}

export const anyCut: fc.Arbitrary<Cut> = fc.record({ length: fc.integer({ min: 1, max: 5 }), calls: fc.boolean() });

/** The stream that an answer would have been. What seals a block comes with its last piece, as providers send it. */
export function streamOf({ content, finishReason, usage }: ModelAnswer, cut: Cut): ModelPart[] {
  return [
    ...content.flatMap((part, position) => piecesOf(part, String(position), cut)),
    { type: 'finish', finishReason, usage },
  ];
}

function piecesOf(part: LanguageModelV4Content, id: string, cut: Cut): ModelPart[] {
  switch (part.type) {
    case 'text':
      return [
        { type: 'text-start', id },
        ...pieces(part.text, cut).map((delta): ModelPart => ({ type: 'text-delta', id, delta })),
        { type: 'text-delta', id, delta: '', ...sealOf(part) },
        { type: 'text-end', id, ...(part.citations && { citations: part.citations }) },
      ];
    case 'reasoning':
      return [
        { type: 'reasoning-start', id, ...(part.text === '' && sealOf(part)) },
        ...pieces(part.text, cut).map((delta): ModelPart => ({ type: 'reasoning-delta', id, delta })),
        { type: 'reasoning-delta', id, delta: '', ...(part.text !== '' && sealOf(part)) },
        { type: 'reasoning-end', id },
      ];
    case 'tool-call': {
      const { toolCallId, toolName, input } = part;
      const begun: ModelPart[] = [
        { type: 'tool-input-start', id: toolCallId, toolName },
        ...pieces(input, cut).map((delta): ModelPart => ({ type: 'tool-input-delta', id: toolCallId, delta })),
        { type: 'tool-input-end', id: toolCallId },
      ];
      return [...(cut.calls ? begun : []), part];
    }
    default:
      return [part];
  }
}

function sealOf({ providerMetadata }: { readonly providerMetadata?: SharedV4ProviderMetadata }): {
  providerMetadata?: SharedV4ProviderMetadata;
} {
  return providerMetadata === undefined ? {} : { providerMetadata };
}

function pieces(said: string, { length }: Cut): string[] {
  const all: string[] = [];
  for (let start = 0; start < said.length; start += length) all.push(said.slice(start, start + length));
  return all;
}

/** An answer's parts as they stand in the next turn's prompt. */
export function asPrompt(content: readonly LanguageModelV4Content[]): unknown[] {
  return content.map((part) => {
    const { providerMetadata, ...rest } = 'providerMetadata' in part ? part : { ...part, providerMetadata: undefined };
    const input = rest.type === 'tool-call' ? { input: JSON.parse(rest.input) as unknown } : {};
    return { ...rest, ...input, ...(providerMetadata && { providerOptions: providerMetadata }) };
  });
}
