import type { JsonObject } from '@isartor/shared';
import { settled } from '../neutral/call-settings.ts';
import { toolSettings } from '../neutral/function-tools.ts';
import { readBody } from '../neutral/read-body.ts';
import { LOOSE } from '../openai/json-format.ts';
import type { ModelCall } from '../surface.port.ts';
import { readContents } from './read-contents.ts';
import { REQUEST, toolRule, type GenerateRequest } from './request-schema.ts';

type Generation = NonNullable<GenerateRequest['generationConfig']>;

/** Budgets of thoughts up to which the words of other dialects are fair, in tokens. */
const LOW_BUDGET = 2_048;
const MEDIUM_BUDGET = 8_192;
/** Gemini's own sampling, which its clients send all the same: who names it asks for nothing. */
const USUAL_TOP_P = 0.95;
const USUAL_TOP_K = 64;

/** What a request to generate content asks of a model. Throws a GatewayError `invalid_request` naming what has no counterpart. */
export function readRequest(body: JsonObject): ModelCall {
  const request = readBody(REQUEST, body);
  const generation = request.generationConfig ?? {};
  const tools = request.tools?.flatMap(({ functionDeclarations }) => functionDeclarations);
  const told = (request.systemInstruction?.parts ?? []).map(({ text }) => text);
  const system = told.filter((text) => text !== '').join('\n');
  const { stopSequences } = generation;
  return {
    prompt: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...readContents(request.contents),
    ],
    ...settled({
      maxOutputTokens: generation.maxOutputTokens,
      temperature: generation.temperature,
      topP: generation.topP === USUAL_TOP_P ? undefined : generation.topP,
      topK: generation.topK === USUAL_TOP_K ? undefined : generation.topK,
      seed: generation.seed,
      presencePenalty: generation.presencePenalty,
      frequencyPenalty: generation.frequencyPenalty,
      stopSequences: stopSequences?.length === 0 ? undefined : stopSequences,
      reasoning: effortOf(generation),
    }),
    ...formatOf(generation),
    ...toolSettings(tools, toolRule(request.toolConfig), undefined),
  };
}

function formatOf(generation: Generation): Pick<ModelCall, 'responseFormat' | 'providerOptions'> {
  if (generation.responseMimeType !== 'application/json') return {};
  const schema = generation.responseJsonSchema ?? generation._responseJsonSchema ?? generation.responseSchema;
  if (schema === undefined) return { responseFormat: { type: 'json' } };
  // Gemini's own need not name every property.
  return { responseFormat: { type: 'json', schema }, providerOptions: LOOSE };
}

function effortOf({ thinkingConfig }: Generation): ModelCall['reasoning'] {
  const { thinkingLevel: level, thinkingBudget: budget } = thinkingConfig ?? {};
  if (level !== undefined && level !== 'thinking_level_unspecified') return level;
  // Below 0 the model decides.
  if (budget === undefined || budget < 0) return undefined;
  if (budget === 0) return 'none';
  if (budget <= LOW_BUDGET) return 'low';
  return budget <= MEDIUM_BUDGET ? 'medium' : 'high';
}
