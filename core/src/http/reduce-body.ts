import { isJsonArray, type JsonObject, type JsonValue, type Operation } from '@isartor/shared';

/**
 * What of a long body must outlive its parsing: the fields that decide how it is edited for the provider and when its
 * answer is complete. Texts are dropped, their number is kept.
 */
export function reduceBody(operation: Operation, body: JsonObject): JsonObject {
  const reduced: Record<string, JsonValue> = {};
  for (const name of ['n', 'stream_options'] as const) {
    const value = body[name];
    if (value !== undefined) reduced[name] = value;
  }
  if (operation === 'gemini.generate') {
    for (const name of ['generationConfig', 'generation_config'] as const) {
      const config = body[name];
      if (config !== undefined) reduced[name] = config;
    }
  }
  if (operation === 'openai.embeddings') reduced['input'] = emptied(body['input']);
  if (operation === 'openai.completions') reduced['prompt'] = emptied(body['prompt']);
  return reduced;
}

function emptied(texts: JsonValue | undefined): JsonValue {
  if (!isJsonArray(texts)) return '';
  return typeof texts[0] === 'number' ? [0] : texts.map(() => '');
}
