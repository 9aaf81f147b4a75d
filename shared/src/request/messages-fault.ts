import { isJsonArray, isJsonObject, type JsonValue } from '../json/json-value.ts';
import { isString, type SchemaFault } from './schema-fault.ts';

/** What is wrong with a list of messages, each with a role and a content of text or typed parts. */
export function messagesFault(messages: JsonValue | undefined): SchemaFault | undefined {
  if (!isJsonArray(messages) || messages.length === 0) return { param: 'messages', expected: 'a non-empty array' };
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i];
    if (!isJsonObject(message)) return { param: `messages[${i}]`, expected: 'an object' };
    const role = message['role'];
    if (!isString(role) || role === '') return { param: `messages[${i}].role`, expected: 'a non-empty string' };
    const content = message['content'];
    if (isString(content) || content === undefined || content === null) continue;
    if (!isJsonArray(content)) return { param: `messages[${i}].content`, expected: 'a string or an array of parts' };
    for (let j = 0; j < content.length; j++) {
      const part = content[j];
      if (!isJsonObject(part)) return { param: `messages[${i}].content[${j}]`, expected: 'an object' };
      if (!isString(part['type'])) return { param: `messages[${i}].content[${j}].type`, expected: 'a string' };
    }
  }
  return undefined;
}
