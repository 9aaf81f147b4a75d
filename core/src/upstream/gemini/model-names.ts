import { GatewayError, isJsonArray, isJsonObject, parseJson, type JsonValue } from '@isartor/shared';

/** The names in Gemini's list of models, without the folder that it puts before them. */
export function geminiModelNames(text: string): readonly string[] {
  const answer = parsed(text);
  const list = isJsonObject(answer) ? answer['models'] : undefined;
  if (!isJsonArray(list)) throw new GatewayError('upstream_error', 'The list of models has no `models` array.');
  return list
    .map((model) => (isJsonObject(model) ? model['name'] : undefined))
    .filter((name) => typeof name === 'string')
    .map((name) => name.replace(/^models\//, ''));
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new GatewayError('upstream_error', 'The list of models is not JSON.', { cause });
  }
}
