import type { LanguageModelV4Content, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type SseEvent } from '@isartor/shared';
import type { ModelPart, Surface } from '../../src/l3-cloud/translation/surface.port.ts';
import { LABEL } from './model-answers.ts';

/** A question, where only the answer counts. */
export const PROMPT: LanguageModelV4Prompt = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];

/** Streams that their provider, or who made them for a test, broke. */
export const BROKEN: readonly string[] = ['anthropic/spliced-message-start.chunks.txt'];

/** The events of a surface for the pieces of an answer. */
export function written(surface: Surface, parts: readonly ModelPart[]): SseEvent[] {
  const writer = surface.writeStream(LABEL);
  return parts.flatMap((part) => writer.write(part));
}

/** What the model said in words, by a reader that knows nothing of the code under test. */
export function textOf(parts: readonly (ModelPart | LanguageModelV4Content)[]): string {
  return parts
    .map((part) => (part.type === 'text-delta' ? part.delta : part.type === 'text' ? part.text : ''))
    .join('');
}

/** The calls that the client has to make. */
export function callsOf(parts: readonly (ModelPart | LanguageModelV4Content)[]): unknown[] {
  return parts.flatMap((part) =>
    part.type === 'tool-call' && part.providerExecuted !== true
      ? [{ id: part.toolCallId, name: part.toolName, input: JSON.parse(part.input) as unknown }]
      : [],
  );
}

/** What the model counted, in all. */
export function tokensOf(parts: readonly ModelPart[]): number {
  const end = parts.find((part) => part.type === 'finish');
  return (end?.usage.inputTokens.total ?? 0) + (end?.usage.outputTokens.total ?? 0);
}

/** Every signature in a body, whosever. */
export function signaturesIn(value: JsonValue): string[] {
  if (isJsonArray(value)) return value.flatMap(signaturesIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    ['signature', 'thoughtSignature', 'thought_signature'].includes(name) && typeof member === 'string' && member !== ''
      ? [member]
      : signaturesIn(member),
  );
}

/** The objects of a list in a body; none where there is no list. */
export function listIn(body: JsonObject, member: string): JsonObject[] {
  const list = body[member];
  return isJsonArray(list) ? list.filter(isJsonObject) : [];
}
