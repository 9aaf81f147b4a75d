import type { LanguageModelV4Content, LanguageModelV4ToolCall } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { thoughtSignature } from '../neutral/reasoning-seal.ts';
import { UrlCitations } from '../openai/url-citations.ts';
import type { AnswerLabel, ModelAnswer } from '../surface.port.ts';
import { annotationsOf, endedWhole, finishReasonOf, headOf, imageOf, signed, usageOf } from './answer-members.ts';
import { reasoningDetail } from './reasoning-details.ts';

/** A plain chat completion with one choice. */
export function writeAnswer(answer: ModelAnswer, label: AnswerLabel): JsonObject {
  const message = messageOf(answer);
  const finish_reason = finishReasonOf(answer.finishReason.unified);
  return {
    ...headOf({ ...label, model: answer.response?.modelId ?? label.model }, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    ...usageOf(answer.usage),
  };
}

function messageOf({ content, finishReason }: Pick<ModelAnswer, 'content' | 'finishReason'>): JsonObject {
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    ...thoughtsIn(content),
    ...signed(lastTextSignature(content)),
    ...imagesIn(content),
    ...annotationsOf(citationsIn(content, text.length)),
    ...callsIn(content, endedWhole(finishReason.unified)),
  };
}

function thoughtsIn(content: readonly LanguageModelV4Content[]): JsonObject {
  const thoughts = content.filter((part) => part.type === 'reasoning');
  if (thoughts.length === 0) return {};
  const text = thoughts.map((part) => part.text).join('');
  return {
    ...(text !== '' && { reasoning_content: text }),
    reasoning_details: thoughts.map((part, index) => reasoningDetail(part.text, part.providerMetadata, index)),
  };
}

/** The dialect has one text, so one signature: that of its last part which has one. */
function lastTextSignature(content: readonly LanguageModelV4Content[]): string | undefined {
  return content
    .map((part) => (part.type === 'text' ? thoughtSignature(part.providerMetadata) : undefined))
    .findLast((signature) => signature !== undefined);
}

function imagesIn(content: readonly LanguageModelV4Content[]): JsonObject {
  const images = content.flatMap((part) => (part.type === 'file' ? imageOf(part) : []));
  return images.length === 0 ? {} : { images };
}

function citationsIn(content: readonly LanguageModelV4Content[], length: number): ReturnType<UrlCitations['of']> {
  const citations = new UrlCitations();
  let start = 0;
  for (const part of content) {
    if (part.type === 'source') citations.add(part);
    if (part.type !== 'text') continue;
    const end = start + part.text.length;
    citations.cite(part.citations ?? [], { start, end });
    start = end;
  }
  return citations.of({ start: 0, end: length });
}

/** The calls that the client has to make; what a provider did by itself is told by its answer. */
function callsIn(content: readonly LanguageModelV4Content[], areWhole: boolean): JsonObject {
  const calls = content.filter((part) => part.type === 'tool-call').filter((part) => part.providerExecuted !== true);
  return calls.length === 0 ? {} : { tool_calls: calls.map((call) => callOf(call, areWhole)) };
}

/** Arguments that a server left out are none; those of a call that was cut off are unknown. */
function callOf(
  { toolCallId, toolName, input, providerMetadata }: LanguageModelV4ToolCall,
  isWhole: boolean,
): JsonObject {
  return {
    id: toolCallId,
    type: 'function',
    function: { name: toolName, arguments: isWhole && input.trim() === '' ? `${input}{}` : input },
    ...signed(thoughtSignature(providerMetadata)),
  };
}
