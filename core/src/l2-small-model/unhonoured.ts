import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@isartor/shared';

/** Why a request is none for a small model; the `why` of `x-isartor-route`. */
export type Unhonoured =
  'tools' | 'content' | 'role' | 'response-format' | 'n' | 'logprobs' | 'context' | 'long' | 'field';

/** Members that every backend understands, or that cannot change the answer. Whatever is not here is not risked. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'prompt',
  'temperature',
  'top_p',
  'max_tokens',
  'max_completion_tokens',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
]);
const ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant']);
/** English has about four characters a token; other languages fewer, and the server's own refusal catches those. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * What of a chat request (or a native one) a small model's server cannot honour; undefined where nothing stands against
 * it. Members set to null or to what they are without being set count as absent.
 *
 * @param contextTokens the model's, undefined: not known
 * @param ignores further members that this kind of server would pass over
 */
export function unhonoured(
  body: JsonObject,
  contextTokens: number | undefined,
  ignores: ReadonlySet<string>,
): Unhonoured | undefined {
  for (const [name, value] of Object.entries(body)) {
    const why = value === null ? undefined : faultOf(name, value, ignores);
    if (why !== undefined) return why;
  }
  return messagesFault(body['messages'], body, contextTokens);
}

function faultOf(name: string, value: JsonValue, ignores: ReadonlySet<string>): Unhonoured | undefined {
  switch (name) {
    case 'tools':
    case 'functions':
      return isJsonArray(value) && value.length === 0 ? undefined : 'tools';
    case 'tool_choice':
    case 'function_call':
      return value === 'none' || value === 'auto' ? undefined : 'tools';
    case 'parallel_tool_calls':
      return undefined;
    case 'response_format':
      return isJsonObject(value) && value['type'] === 'text' ? undefined : 'response-format';
    case 'n':
      return value === 1 ? undefined : 'n';
    case 'logprobs':
    case 'store':
      return value === false ? undefined : name === 'logprobs' ? 'logprobs' : 'field';
    case 'top_logprobs':
      return 'logprobs';
    default:
      return UNDERSTOOD.has(name) && !ignores.has(name) ? undefined : 'field';
  }
}

function messagesFault(
  messages: JsonValue | undefined,
  body: JsonObject,
  contextTokens: number | undefined,
): Unhonoured | undefined {
  let characters = typeof body['prompt'] === 'string' ? body['prompt'].length : 0;
  for (const message of isJsonArray(messages) ? messages : []) {
    if (!isJsonObject(message)) return 'content';
    const { role, content } = message;
    if (typeof role !== 'string' || !ROLES.has(role)) return 'role';
    if (message['tool_calls'] !== undefined || message['function_call'] !== undefined) return 'tools';
    const length = textLength(content);
    if (length === undefined) return 'content';
    characters += length;
  }
  if (contextTokens === undefined) return undefined;
  const answerTokens = body['max_completion_tokens'] ?? body['max_tokens'];
  const tokens = characters / CHARACTERS_PER_TOKEN + (typeof answerTokens === 'number' ? answerTokens : 1);
  return tokens > contextTokens ? 'context' : undefined;
}

/** Characters of a content that is text alone, else undefined. */
function textLength(content: JsonValue | undefined): number | undefined {
  if (typeof content === 'string') return content.length;
  if (!isJsonArray(content)) return undefined;
  let length = 0;
  for (const part of content) {
    if (!isJsonObject(part) || part['type'] !== 'text' || typeof part['text'] !== 'string') return undefined;
    length += part['text'].length;
  }
  return length;
}
