import { GatewayError, isJsonArray, isJsonObject, parseJson, type JsonValue } from '@isartor/shared';

/** The ids in an answer to `GET /models`. */
export function modelNames(text: string): readonly string[] {
  const answer = parsed(text);
  const list = isJsonObject(answer) ? answer['data'] : undefined;
  if (!isJsonArray(list)) throw new GatewayError('upstream_error', 'The list of models has no `data` array.');
  return list.map((model) => (isJsonObject(model) ? model['id'] : undefined)).filter((id) => typeof id === 'string');
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new GatewayError('upstream_error', 'The list of models is not JSON.', { cause });
  }
}
