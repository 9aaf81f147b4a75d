import {
  GEN_AI_CACHED_TOKENS,
  GEN_AI_CHAT,
  GEN_AI_COMPLETION,
  GEN_AI_CONTENT,
  GEN_AI_EMBEDDINGS,
  GEN_AI_FIRST_CHUNK,
  GEN_AI_INPUT_TOKENS,
  GEN_AI_MODEL,
  GEN_AI_OPERATION,
  GEN_AI_OUTPUT_TOKENS,
  GEN_AI_PROVIDER,
  GEN_AI_REASONING_TOKENS,
  HTTP_STATUS,
} from './semantic-names.ts';
import type { Operation, Usage } from '@isartor/shared';
import type { SpanAttributes } from './tracer.port.ts';

/** A model's name as it is told; what does not look like one is the caller's text and stays untold. */
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,95}$/;
const NO_NAME = 'other';

/** What OpenTelemetry calls an operation. https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ */
export function genAiOperation(operation: Operation): string {
  const name: string = operation;
  if (name.endsWith('.embeddings')) return GEN_AI_EMBEDDINGS;
  if (name === 'openai.completions') return GEN_AI_COMPLETION;
  if (name.startsWith('gemini.')) return GEN_AI_CONTENT;
  return GEN_AI_CHAT;
}

function modelName(model: string): string {
  return MODEL_NAME.test(model) ? model : NO_NAME;
}

/** Names and attributes of calls to models, by the semantic conventions for generative AI. */
export const GEN_AI = {
  spanName: (operation: Operation, model: string): string => `${genAiOperation(operation)} ${modelName(model)}`,
  request: (provider: string, operation: Operation, model: string): SpanAttributes => ({
    [GEN_AI_OPERATION]: genAiOperation(operation),
    [GEN_AI_PROVIDER]: provider,
    [GEN_AI_MODEL]: modelName(model),
  }),
  status: (status: number): SpanAttributes => ({ [HTTP_STATUS]: status }),
  firstChunk: (seconds: number): SpanAttributes => ({ [GEN_AI_FIRST_CHUNK]: seconds }),
  usage: ({ input, output, cachedInput, reasoning }: Usage): SpanAttributes => ({
    [GEN_AI_INPUT_TOKENS]: input,
    [GEN_AI_OUTPUT_TOKENS]: output,
    [GEN_AI_CACHED_TOKENS]: cachedInput,
    [GEN_AI_REASONING_TOKENS]: reasoning,
  }),
} as const;
