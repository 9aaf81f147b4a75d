import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The rule that keeps embeddings out of every cache, if there is one: one vector for each input, each in its own place. */
export function vectorsRule({ data }: JsonObject, wanted: number): 'vectors' | undefined {
  if (!isJsonArray(data) || data.length !== wanted || !data.every(hasVector)) return 'vectors';
  // Where no place is told, the order tells it.
  const places = data.map((item, at) => (isJsonObject(item) ? (item['index'] ?? at) : at));
  return new Set(places).size === wanted ? undefined : 'vectors';
}

/** Numbers, or base64 where that was asked for. */
function hasVector(item: JsonValue): boolean {
  if (!isJsonObject(item)) return false;
  const { embedding } = item;
  if (typeof embedding === 'string') return BASE64.test(embedding);
  return isJsonArray(embedding) && embedding.length > 0 && embedding.every(Number.isFinite);
}
