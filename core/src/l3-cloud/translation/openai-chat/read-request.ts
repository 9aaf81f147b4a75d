import type { JsonObject } from '@isartor/shared';
import { toolSettings } from '../neutral/function-tools.ts';
import { formatSettings } from '../openai/json-format.ts';
import { mergedOptions, settled } from '../neutral/call-settings.ts';
import { verbosityOptions } from '../openai/verbosity.ts';
import { readBody, untranslatable } from '../neutral/read-body.ts';
import type { ModelCall } from '../surface.port.ts';
import { readMessages } from './read-messages.ts';
import { REQUEST, type ChatRequest } from './request-schema.ts';

/** What a chat completion's body asks of a model. Throws a GatewayError `invalid_request` naming what has no counterpart. */
export function readRequest(body: JsonObject): ModelCall {
  const request = readBody(REQUEST, body);
  const format = formatSettings(request.response_format);
  const tools = toolSettings(request.tools, request.tool_choice, request.parallel_tool_calls);
  return {
    prompt: readMessages(request.messages),
    ...settled({
      maxOutputTokens: maxTokens(request),
      temperature: request.temperature,
      topP: request.top_p,
      topK: request.top_k,
      presencePenalty: request.presence_penalty,
      frequencyPenalty: request.frequency_penalty,
      stopSequences: request.stop?.length === 0 ? undefined : request.stop,
      seed: request.seed,
      reasoning: request.reasoning_effort,
    }),
    ...format,
    ...tools,
    ...mergedOptions(format.providerOptions, tools.providerOptions, verbosityOptions(request.verbosity)),
  };
}

/** The older name counts where the newer one is absent. Two limits contradict each other. */
function maxTokens({ max_tokens, max_completion_tokens }: ChatRequest): number | undefined {
  if (max_tokens !== undefined && max_completion_tokens !== undefined && max_tokens !== max_completion_tokens) {
    throw untranslatable('max_tokens', 'contradicts max_completion_tokens: leave it out.');
  }
  return max_completion_tokens ?? max_tokens;
}
