import type { LanguageModelV4FinishReason, LanguageModelV4Usage, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { LanguageModelV4File, LanguageModelV4ToolCall } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { calledWith } from '../neutral/tool-input.ts';
import { tokenCounts } from '../neutral/token-counts.ts';
import type { AnswerLabel } from '../surface.port.ts';
import { signatureOf } from './seal-signature.ts';

/** An answer with one candidate, or a piece of one. */
export function answerOf(
  { id, model }: AnswerLabel,
  parts: readonly JsonObject[],
  others: JsonObject = {},
): JsonObject {
  return {
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...others }],
    modelVersion: model,
    responseId: id,
  };
}

/** A piece of text, or of thoughts. */
export function textPart(text: string, isThought: boolean, metadata?: SharedV4ProviderMetadata): JsonObject {
  return { text, ...(isThought && { thought: true }), ...signed(metadata) };
}

/** A call that the client has to make. */
export function callPart({
  toolCallId: id,
  toolName: name,
  input,
  providerMetadata,
}: LanguageModelV4ToolCall): JsonObject {
  return { functionCall: { id, name, args: calledWith(input) }, ...signed(providerMetadata) };
}

/** A file in an answer. */
export function filePart({ mediaType: mimeType, data, providerMetadata }: LanguageModelV4File): JsonObject {
  if (data.type === 'url') return { fileData: { mimeType, fileUri: data.url.href }, ...signed(providerMetadata) };
  const bytes = typeof data.data === 'string' ? data.data : Buffer.from(data.data).toString('base64');
  return { inlineData: { mimeType, data: bytes }, ...signed(providerMetadata) };
}

function signed(metadata: SharedV4ProviderMetadata | undefined): JsonObject {
  const thoughtSignature = signatureOf(metadata);
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}

/** Why an answer ended. What ended for no good reason must not read as whole. */
export function finishReasonOf(unified: LanguageModelV4FinishReason['unified']): string {
  switch (unified) {
    case 'stop':
    case 'tool-calls':
      return 'STOP';
    case 'length':
    case 'interrupted':
      return 'MAX_TOKENS';
    case 'content-filter':
      return 'SAFETY';
    case 'error':
    case 'other':
      return 'OTHER';
    default:
      return unified satisfies never;
  }
}

/** The member that tells the usage; none where the provider does not count. Thoughts are counted beside the answer. */
export function usageOf(usage: LanguageModelV4Usage): JsonObject {
  const counts = tokenCounts(usage);
  if (counts === undefined) return {};
  const { input, cachedInput, output, reasoning } = counts;
  return {
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: Math.max(0, output - reasoning),
      totalTokenCount: input + output,
      ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
      ...(cachedInput > 0 && { cachedContentTokenCount: cachedInput }),
    },
  };
}
