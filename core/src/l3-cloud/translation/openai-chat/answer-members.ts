import type { LanguageModelV4File, LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { tokenCounts } from '../neutral/token-counts.ts';
import type { UrlCitation } from '../openai/url-citations.ts';
import type { AnswerLabel } from '../surface.port.ts';

/** What a plain answer and each chunk of a stream begin with. */
export function headOf({ id, model, createdSecs }: AnswerLabel, object: string): JsonObject {
  return { id: `chatcmpl-${id}`, object, created: createdSecs, model };
}

/** Why an answer ended. What ended for no good reason must not read as whole, and the dialect has two words for that. */
export function finishReasonOf(unified: LanguageModelV4FinishReason['unified']): string {
  switch (unified) {
    case 'stop':
      return 'stop';
    case 'tool-calls':
      return 'tool_calls';
    case 'length':
    case 'interrupted':
      return 'length';
    case 'content-filter':
    case 'error':
    case 'other':
      return 'content_filter';
    default:
      return unified satisfies never;
  }
}

/** Whether an answer came to its end: its calls are as the model meant them. */
export function endedWhole(unified: LanguageModelV4FinishReason['unified']): boolean {
  return unified === 'stop' || unified === 'tool-calls';
}

/** The member that tells the usage; none where the provider does not count. */
export function usageOf(usage: LanguageModelV4Usage): JsonObject {
  const counts = tokenCounts(usage);
  if (counts === undefined) return {};
  return {
    usage: {
      prompt_tokens: counts.input,
      completion_tokens: counts.output,
      total_tokens: counts.input + counts.output,
      prompt_tokens_details: { cached_tokens: counts.cachedInput },
      completion_tokens_details: { reasoning_tokens: counts.reasoning },
    },
  };
}

/** The member that carries Gemini's signature, as Google's own endpoint of this dialect has it. */
export function signed(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}

/** The member that tells what the text is supported by. */
export function annotationsOf(citations: readonly UrlCitation[]): JsonObject {
  if (citations.length === 0) return {};
  return { annotations: citations.map((citation) => ({ type: 'url_citation', url_citation: { ...citation } })) };
}

/** A picture in an answer, as OpenRouter has it; other files have no counterpart. */
export function imageOf({ mediaType, data }: Pick<LanguageModelV4File, 'mediaType' | 'data'>): JsonObject[] {
  if (!mediaType.startsWith('image/')) return [];
  return [
    { type: 'image_url', image_url: { url: data.type === 'url' ? data.url.href : dataUrl(mediaType, data.data) } },
  ];
}

function dataUrl(mediaType: string, data: string | Uint8Array): string {
  return `data:${mediaType};base64,${typeof data === 'string' ? data : Buffer.from(data).toString('base64')}`;
}
