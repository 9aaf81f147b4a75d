import { isJsonObject, parseJson, type JsonValue } from '@isartor/shared';

/** A number of that many digits may lose some when it is read; then the text is passed on instead. */
const LONG_NUMBER = /\d{16}/;

/** The arguments of a call that a model made: the object that they are, or the text of those that are none. */
export function toolInput(text: string): JsonValue {
  if (text.trim() === '') return {};
  if (LONG_NUMBER.test(text)) return text;
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : text;
  } catch {
    return text;
  }
}
