import { isJsonObject, type JsonObject } from '../../json/json-value.ts';

/** How the answer is to be made; Gemini takes its names in either spelling. */
export function generationConfig(body: JsonObject): JsonObject {
  const config = body['generationConfig'] ?? body['generation_config'];
  return isJsonObject(config) ? config : {};
}
