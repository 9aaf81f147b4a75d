import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import type { z } from 'zod';
import { mergedOptions, settled } from '../neutral/call-settings.ts';
import { toolSettings } from '../neutral/function-tools.ts';
import { formatSettings } from '../openai/json-format.ts';
import { verbosityOptions } from '../openai/verbosity.ts';
import { readBody } from '../neutral/read-body.ts';
import type { ModelCall } from '../surface.port.ts';
import { readInput } from './read-input.ts';
import { REQUEST } from './request-schema.ts';

type Request = z.output<typeof REQUEST>;

/** What a response's body asks of a model. Throws a GatewayError `invalid_request` naming what has no counterpart. */
export function readRequest(body: JsonObject): ModelCall {
  const request = readBody(REQUEST, body);
  const format = formatSettings(request.text?.format ?? undefined);
  const tools = toolSettings(request.tools, request.tool_choice, request.parallel_tool_calls);
  const { instructions } = request;
  return {
    prompt: [
      ...(instructions === undefined || instructions === ''
        ? []
        : [{ role: 'system' as const, content: instructions }]),
      ...readInput(request.input),
    ],
    ...settled({
      maxOutputTokens: request.max_output_tokens,
      temperature: request.temperature,
      topP: request.top_p,
      reasoning: request.reasoning?.effort ?? undefined,
    }),
    ...format,
    ...tools,
    ...mergedOptions(
      format.providerOptions,
      tools.providerOptions,
      thoughtOptions(request),
      verbosityOptions(request.text?.verbosity),
    ),
  };
}

/** Gemini tells its thoughts only when asked; the others always do where they think. */
function thoughtOptions({ reasoning }: Request): SharedV4ProviderOptions | undefined {
  const summary = reasoning?.summary ?? reasoning?.generate_summary;
  // Who does not think has none to tell.
  if (summary === undefined || summary === null || summary === 'none' || reasoning?.effort === 'none') return undefined;
  return { google: { thinkingConfig: { includeThoughts: true } } };
}
