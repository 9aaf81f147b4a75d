import { isObject, type JsonObject } from './json.ts';
import { StandinError } from './standin-error.ts';
import { tokensOf } from './tokens.ts';

/** What an image counts for: OpenAI's figure for one at low detail. */
const IMAGE_TOKENS = 85;
const TOKENS_PER_MESSAGE = 4;
const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** What the stand-in reads from the messages of a chat request. */
export interface ChatPrompt {
  /** The text of the last user message. */
  readonly text: string;
  /** Images in all messages together. */
  readonly images: number;
  /** Does the conversation end with a tool's result? */
  readonly endsWithTool: boolean;
  readonly tokens: number;
}

/** @throws StandinError 400 that names the field at fault */
export function readChatPrompt(messages: unknown): ChatPrompt {
  if (!Array.isArray(messages)) {
    throw new StandinError(400, "Missing required parameter: 'messages'.", { param: 'messages' });
  }
  if (messages.length === 0) {
    throw new StandinError(400, "Invalid 'messages': empty array. Expected at least one message.", {
      param: 'messages',
    });
  }
  let text = '';
  let images = 0;
  let tokens = 3;
  messages.forEach((message: unknown, index) => {
    if (!isObject(message) || typeof message['role'] !== 'string' || !ROLES.has(message['role'])) {
      const param = `messages[${index}].role`;
      throw new StandinError(400, `Invalid value for '${param}': expected one of ${[...ROLES].join(', ')}.`, { param });
    }
    const content = readContent(message, index);
    images += content.images;
    tokens += TOKENS_PER_MESSAGE + tokensOf(content.text).length + IMAGE_TOKENS * content.images;
    if (message['role'] === 'user') text = content.text;
  });
  const last: unknown = messages.at(-1);
  return { text, images, endsWithTool: isObject(last) && last['role'] === 'tool', tokens };
}

function readContent(message: JsonObject, index: number): { text: string; images: number } {
  const content = message['content'];
  if (typeof content === 'string') return { text: content, images: 0 };
  if (Array.isArray(content)) {
    const parts = content.filter(isObject);
    const texts = parts.map((part) => part['text'] ?? part['refusal']).filter((one) => typeof one === 'string');
    return { text: texts.join('\n'), images: parts.filter((part) => part['type'] === 'image_url').length };
  }
  // An assistant's turn may consist of tool calls alone.
  if (message['role'] === 'assistant') return { text: '', images: 0 };
  const param = `messages[${index}].content`;
  throw new StandinError(400, `Invalid type for '${param}': expected a string or an array.`, { param });
}
