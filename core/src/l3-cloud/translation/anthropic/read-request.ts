import type { JsonObject } from '@isartor/shared';
import { mergedOptions, settled } from '../neutral/call-settings.ts';
import { toolSettings } from '../neutral/function-tools.ts';
import { readBody } from '../neutral/read-body.ts';
import type { ModelCall } from '../surface.port.ts';
import { readMessages } from './read-messages.ts';
import { REQUEST, toolRule, type MessageRequest } from './request-schema.ts';

/** Budgets of thoughts up to which the words of other dialects are fair, in tokens. */
const LOW_BUDGET = 2_048;
const MEDIUM_BUDGET = 8_192;
/** What Anthropic demands beside thoughts, and all providers take for theirs: it says nothing. */
const USUAL_TEMPERATURE = 1;
const SHOWS_THOUGHTS = { google: { thinkingConfig: { includeThoughts: true } } };

/** What a request for a message asks of a model. Throws a GatewayError `invalid_request` naming what has no counterpart. */
export function readRequest(body: JsonObject): ModelCall {
  const request = readBody(REQUEST, body);
  const { tool_choice: choice, thinking } = request;
  const parallel = choice !== undefined && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use;
  const tools = toolSettings(request.tools, toolRule(choice), parallel === true ? false : undefined);
  const thinks = thinking !== undefined && thinking.type !== 'disabled';
  const format = request.output_config?.format ?? request.output_format;
  const told = (request.system ?? []).map(({ text }) => text);
  const system = told.filter((text) => text !== '').join('\n');
  return {
    prompt: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...readMessages(request.messages),
    ],
    ...settled({
      maxOutputTokens: request.max_tokens,
      temperature: thinks && request.temperature === USUAL_TEMPERATURE ? undefined : request.temperature,
      topP: request.top_p,
      topK: request.top_k,
      stopSequences: request.stop_sequences?.length === 0 ? undefined : request.stop_sequences,
      reasoning: effortOf(request),
    }),
    ...(format !== undefined && { responseFormat: { type: 'json', schema: format.schema } }),
    ...tools,
    ...mergedOptions(thinks ? SHOWS_THOUGHTS : undefined, tools.providerOptions),
  };
}

function effortOf({ thinking, output_config }: MessageRequest): ModelCall['reasoning'] {
  const effort = output_config?.effort;
  if (effort !== undefined && effort !== null) return effort;
  if (thinking?.type !== 'enabled') return undefined;
  if (thinking.budget_tokens <= LOW_BUDGET) return 'low';
  return thinking.budget_tokens <= MEDIUM_BUDGET ? 'medium' : 'high';
}
