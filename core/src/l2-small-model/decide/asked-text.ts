import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@isartor/shared';

/** What is asked, as far as a decision looks at it. */
export interface AskedText {
  /** What the user said last. */
  readonly text: string;
  /** Messages of the user in the conversation. */
  readonly turns: number;
}

/** What a chat request (or a native one) asks; an empty text where it asks nothing. */
export function askedText({ prompt, messages }: JsonObject): AskedText {
  if (typeof prompt === 'string') return { text: prompt, turns: 1 };
  const all = isJsonArray(messages) ? messages : [];
  const said = all.filter((item) => isJsonObject(item) && item['role'] === 'user');
  const last = said.at(-1);
  return { text: isJsonObject(last) ? textOf(last['content']) : '', turns: said.length };
}

function textOf(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content;
  const parts = isJsonArray(content) ? content : [];
  return parts.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}
