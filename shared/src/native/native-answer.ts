import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts';

/**
 * The native answer made of a chat answer: which layer gave it (1 a cache, 2 the small model, 3 the cloud), its text,
 * the model that spoke. Undefined when the chat answer has no text.
 */
export function nativeAnswer(chatBody: JsonObject, layer: 1 | 2 | 3): JsonObject | undefined {
  const choices = chatBody['choices'];
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  const message = isJsonObject(choice) ? choice['message'] : undefined;
  const text = isJsonObject(message) ? textOf(message['content']) : undefined;
  if (text === undefined) return undefined;
  return { layer, message: text, model: chatBody['model'] ?? null };
}

function textOf(content: JsonValue | undefined): string | undefined {
  if (typeof content === 'string') return content;
  if (!isJsonArray(content)) return undefined;
  const texts = content.flatMap((part) =>
    isJsonObject(part) && typeof part['text'] === 'string' ? [part['text']] : [],
  );
  return texts.length === 0 ? undefined : texts.join('');
}
