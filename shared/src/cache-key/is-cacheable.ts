import { generationConfig } from '../dialects/gemini/generation-config.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonArray, isJsonObject } from '../json/json-value.ts';
import { isClientTool } from './client-tools.ts';
import type { Operation } from '../operation.ts';
import type { ParsedRequest } from '../request/parse-request.ts';

/** Why a request is neither cached nor coalesced. */
export const UNCACHEABLE_RULES = [
  'store',
  'background',
  'conversation',
  'previous-response',
  'container',
  'prompt',
  'cached-content',
  'framing',
  'hosted-tool',
  'searching-model',
  'inexact-number',
  'sampled',
] as const;
export type UncacheableRule = (typeof UNCACHEABLE_RULES)[number];

/** Models that look something up by themselves, without a tool that says so. */
const SEARCHING = /-search-(?:preview|api)(?:-\d|$)/;
/** Operations whose answer is the same every time. */
const UNSAMPLED: readonly Operation[] = ['openai.embeddings', 'anthropic.count_tokens'];

/**
 * The rule that keeps a request away from every cache, if there is one: it leaves something behind at the provider,
 * builds on something there, acts, or has no exact key. `sampled: false` (`ISARTOR__CACHE_SAMPLED`) also keeps requests
 * away that ask for variety; an embedding never does.
 */
export function uncacheableRule(
  request: ParsedRequest,
  options: { readonly sampled: boolean },
): UncacheableRule | undefined {
  const { body, scan, operation } = request;
  if (isSet(body['store'])) return 'store';
  if (isSet(body['background'])) return 'background';
  if (isSet(body['conversation'])) return 'conversation';
  if (isSet(body['previous_response_id']) || refersToItems(operation, body)) return 'previous-response';
  // A prompt kept at the provider can be changed there.
  if (operation === 'openai.responses' && isSet(body['prompt'])) return 'prompt';
  if (isSet(body['container'])) return 'container';
  if (isSet(body['web_search_options']) || hasItems(body['mcp_servers'])) return 'hosted-tool';
  if (hasHostedTool(operation, body['tools'])) return 'hosted-tool';
  if (SEARCHING.test(request.model ?? '')) return 'searching-model';
  if (isSet(body['cachedContent']) || isSet(body['cached_content'])) return 'cached-content';
  // A stream that comes as one JSON array is passed on as it is.
  if (request.target?.method === 'streamGenerateContent' && !request.stream) return 'framing';
  if (!scan.exactNumbers) return 'inexact-number';
  if (
    !options.sampled &&
    !UNSAMPLED.includes(operation) &&
    isSampled(body['temperature'] ?? generationConfig(body)['temperature'])
  )
    return 'sampled';
  return undefined;
}

/** Whatever is not plainly "no" counts as asked for. */
function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== false;
}

function hasHostedTool(operation: Operation, tools: JsonValue | undefined): boolean {
  if (!isSet(tools)) return false;
  if (!isJsonArray(tools)) return true;
  return tools.some((tool) => !isJsonObject(tool) || !isClientTool(operation, tool));
}

/** Items of earlier responses, which only the provider has. */
function refersToItems(operation: Operation, { input }: JsonObject): boolean {
  if (operation !== 'openai.responses' || !isJsonArray(input)) return false;
  return input.some((item) => isJsonObject(item) && isReference(item));
}

function isReference(item: JsonObject): boolean {
  switch (item['type'] ?? undefined) {
    case 'item_reference':
      return true;
    // The type of a reference may be left out: then its id is all there is.
    case undefined:
      return !isSet(item['role']) && isSet(item['id']);
    // Thoughts that come neither sealed nor told are those that the provider has under their id.
    case 'reasoning':
      return isSet(item['id']) && !isSet(item['encrypted_content'] || null) && !hasItems(item['content']);
    default:
      return false;
  }
}

/** An empty list asks for nothing. */
function hasItems(value: JsonValue | undefined): boolean {
  return isSet(value) && !(isJsonArray(value) && value.length === 0);
}

function isSampled(temperature: JsonValue | undefined): boolean {
  return typeof temperature !== 'number' || temperature > 0;
}
