import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type ParsedRequest } from '@isartor/shared';

/** Why a request has no question that another could have asked in other words. */
const NO_QUESTION_REASONS = ['operation', 'too-long', 'tools', 'multi-turn', 'not-text', 'echo'] as const;
type NoQuestionReason = (typeof NO_QUESTION_REASONS)[number];

/** A request taken apart: what is asked, and all the rest. */
export type Question =
  | {
      readonly kind: 'question';
      /** The text of the one user message. */
      readonly text: string;
      /** The request body with that text, and nothing else, taken out. */
      readonly rest: JsonObject;
    }
  | { readonly kind: 'none'; readonly why: NoQuestionReason };

/** Of longer bodies the parsed form is not kept (see parseBody), and no embedder's window is that long. */
const MAX_BODY_BYTES = 64 * 1024;
const INSTRUCTING: readonly (JsonValue | undefined)[] = ['system', 'developer'];
const TOOL_FIELDS = ['tools', 'tool_choice', 'functions', 'function_call'] as const;

const GEMINI_TOOL_FIELDS = ['tools', 'toolConfig', 'tool_config'] as const;
const MESSAGE_TOOL_FIELDS = ['tools', 'tool_choice', 'mcp_servers'] as const;

/** The question of a single-turn request of text alone, or why it has none. */
export function questionOf({ operation, body, bytes }: Pick<ParsedRequest, 'operation' | 'body' | 'bytes'>): Question {
  if (bytes.byteLength > MAX_BODY_BYTES) return none('too-long');
  switch (operation) {
    case 'openai.chat':
      return chatQuestion(body);
    case 'openai.completions':
      return isAsked(body['echo']) ? none('echo') : promptQuestion(body);
    case 'native.chat':
      return TOOL_FIELDS.some((name) => isAsked(body[name])) ? none('tools') : promptQuestion(body);
    case 'openai.responses':
      return responseQuestion(body);
    case 'gemini.generate':
      return geminiQuestion(body);
    case 'anthropic.messages':
      return messageQuestion(body);
    case 'anthropic.count_tokens':
    case 'openai.embeddings':
      return none('operation');
    default:
      return operation satisfies never;
  }
}

function chatQuestion(body: JsonObject): Question {
  if (TOOL_FIELDS.some((name) => isAsked(body[name]))) return none('tools');
  const messages = isJsonArray(body['messages']) ? body['messages'] : [];
  const user = messages.at(-1);
  const before = messages.slice(0, -1);
  if (!isJsonObject(user) || user['role'] !== 'user') return none('multi-turn');
  if (!before.every((message) => isJsonObject(message) && INSTRUCTING.includes(message['role']))) {
    return none('multi-turn');
  }
  const content = takeText(user['content']);
  if (content === undefined) return none('not-text');
  const rest = { ...body, messages: [...before, { ...user, content: content.rest }] };
  return { kind: 'question', text: content.text, rest };
}

/** The input is the question itself, or a list whose last item asks it; `instructions` stay in the rest. */
function responseQuestion(body: JsonObject): Question {
  if (TOOL_FIELDS.some((name) => isAsked(body[name]))) return none('tools');
  const { input } = body;
  if (typeof input === 'string') return { kind: 'question', text: input, rest: { ...body, input: null } };
  const items = isJsonArray(input) ? input : [];
  const user = items.at(-1);
  const before = items.slice(0, -1);
  if (!isMessageOf(['user'], user) || !before.every((item) => isMessageOf(INSTRUCTING, item)))
    return none('multi-turn');
  const content = takeText(user['content'], 'input_text');
  if (content === undefined) return none('not-text');
  const rest = { ...body, input: [...before, { ...user, content: content.rest }] };
  return { kind: 'question', text: content.text, rest };
}

function isMessageOf(roles: readonly (JsonValue | undefined)[], item: JsonValue | undefined): item is JsonObject {
  return isJsonObject(item) && (item['type'] ?? 'message') === 'message' && roles.includes(item['role']);
}

/** One content of the user's with one text; the system instruction stands beside it and stays in the rest. */
function geminiQuestion(body: JsonObject): Question {
  if (GEMINI_TOOL_FIELDS.some((name) => isAsked(body[name]))) return none('tools');
  const [user, ...others] = isJsonArray(body['contents']) ? body['contents'] : [];
  if (others.length > 0 || !isJsonObject(user) || (user['role'] ?? 'user') !== 'user') return none('multi-turn');
  const [part, ...more] = isJsonArray(user['parts']) ? user['parts'] : [];
  if (!isJsonObject(part) || more.length > 0 || typeof part['text'] !== 'string' || Object.keys(part).length > 1) {
    return none('not-text');
  }
  const rest = { ...body, contents: [{ ...user, parts: [{ text: null }] }] };
  return { kind: 'question', text: part['text'], rest };
}

/** Anthropic's system prompt stands beside the messages and stays in the rest, text or blocks. */
function messageQuestion(body: JsonObject): Question {
  if (MESSAGE_TOOL_FIELDS.some((name) => isAsked(body[name]))) return none('tools');
  const [user, ...others] = isJsonArray(body['messages']) ? body['messages'] : [];
  if (others.length > 0 || !isJsonObject(user) || user['role'] !== 'user') return none('multi-turn');
  const content = takeText(user['content']);
  if (content === undefined) return none('not-text');
  return { kind: 'question', text: content.text, rest: { ...body, messages: [{ ...user, content: content.rest }] } };
}

function promptQuestion(body: JsonObject): Question {
  const prompt = body['prompt'];
  if (typeof prompt !== 'string') return none('not-text');
  return { kind: 'question', text: prompt, rest: { ...body, prompt: null } };
}

/** A content's text, and what is left of it: a text of its own and a text in a part stay two different forms. */
function takeText(content: JsonValue | undefined, type = 'text'): { text: string; rest: JsonValue } | undefined {
  if (typeof content === 'string') return { text: content, rest: null };
  if (!isJsonArray(content) || content.length !== 1) return undefined;
  const [part] = content;
  if (!isJsonObject(part) || part['type'] !== type || typeof part['text'] !== 'string') return undefined;
  return { text: part['text'], rest: [{ ...part, text: null }] };
}

/** Whatever is not plainly "no" counts as asked for. */
function isAsked(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null && value !== false && !(isJsonArray(value) && value.length === 0);
}

function none(why: NoQuestionReason): Question {
  return { kind: 'none', why };
}
