import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { generationConfig } from './generation-config.ts';

/** The rule that keeps an answer out of every cache, if there is one: each candidate asked for must have ended by itself. */
export function answerRule(asked: JsonObject, body: JsonObject): 'choices' | 'finish-reason' | 'empty' | undefined {
  const { candidates } = body;
  const wanted = generationConfig(asked)['candidateCount'] ?? generationConfig(asked)['candidate_count'] ?? 1;
  if (!isJsonArray(candidates) || candidates.length !== wanted) return 'choices';
  for (const candidate of candidates) {
    if (!isJsonObject(candidate)) return 'choices';
    if (candidate['finishReason'] !== 'STOP') return 'finish-reason';
    const content = candidate['content'];
    const parts = isJsonObject(content) ? content['parts'] : undefined;
    if (!isJsonArray(parts) || !parts.some(saysSomething)) return 'empty';
  }
  return undefined;
}

/** A text that is no thought, something made, or a call for the client to make. */
function saysSomething(part: JsonValue): boolean {
  if (!isJsonObject(part) || part['thought'] === true) return false;
  if (isJsonObject(part['functionCall']) || isJsonObject(part['inlineData'])) return true;
  return typeof part['text'] === 'string' && part['text'] !== '';
}
