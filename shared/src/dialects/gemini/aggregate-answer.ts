import { canonicalJson } from '../../json/canonical-json.ts';
import { hasExactIntegers } from '../../json/exact-integers.ts';
import {
  isGrowingObject,
  own,
  parseGrowing,
  put,
  type GrowingJson,
  type GrowingObject,
} from '../../json/growing-json.ts';
import type { JsonObject } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { addParts } from './growing-parts.ts';

/** Members that each chunk tells anew, in the place of what it told before. */
const LATEST_OF_ANSWER: readonly string[] = ['usageMetadata', 'promptFeedback'];
const LATEST_OF_CANDIDATE: readonly string[] = ['finishReason', 'finishMessage', 'safetyRatings', 'tokenCount'];

/**
 * The plain answer that a whole stream of Gemini's adds up to: each of its chunks is an answer, and the parts of each go
 * on where the one before ended. Undefined when a candidate has not ended, when the stream says an error or is not JSON,
 * when it contradicts itself, and when a call comes in pieces (`partialArgs`), which no plain answer does.
 */
export function aggregateAnswer(events: readonly SseEvent[]): JsonObject | undefined {
  const answer: GrowingObject = {};
  const candidates = new Map<number, GrowingObject>();
  for (const { event, data } of events) {
    const chunk = event === undefined ? parseGrowing(data) : undefined;
    if (chunk === undefined || own(chunk, 'error') !== undefined || !hasExactIntegers(data)) return undefined;
    for (const [name, value] of Object.entries(chunk)) {
      const added =
        name === 'candidates' ? addCandidates(candidates, value) : addMember(answer, name, value, LATEST_OF_ANSWER);
      if (!added) return undefined;
    }
  }
  const whole = [...candidates].toSorted(([a], [b]) => a - b).map(([, candidate]) => candidate);
  if (whole.length === 0 || whole.some((candidate) => typeof own(candidate, 'finishReason') !== 'string'))
    return undefined;
  put(answer, 'candidates', whole);
  return answer;
}

function addCandidates(candidates: Map<number, GrowingObject>, pieces: GrowingJson): boolean {
  if (!Array.isArray(pieces)) return false;
  return pieces.every((piece, position) => {
    if (!isGrowingObject(piece)) return false;
    const named = own(piece, 'index');
    const index = typeof named === 'number' ? named : position;
    const before = candidates.get(index);
    if (before === undefined) candidates.set(index, piece);
    return before === undefined ? !comesInPieces(piece) : grow(before, piece);
  });
}

function comesInPieces(candidate: GrowingObject): boolean {
  return !addParts([], partsOf(candidate));
}

function grow(candidate: GrowingObject, piece: GrowingObject): boolean {
  return Object.entries(piece).every(([name, value]) => {
    if (name !== 'content') return addMember(candidate, name, value, LATEST_OF_CANDIDATE);
    const content = own(candidate, 'content');
    if (!isGrowingObject(value)) return false;
    if (!isGrowingObject(content)) {
      put(candidate, 'content', value);
      return !comesInPieces(candidate);
    }
    const parts = partsOf(candidate);
    put(content, 'parts', parts);
    const rest = Object.entries(value).filter(([member]) => member !== 'parts');
    return addParts(parts, partsOf(piece)) && rest.every(([member, said]) => addMember(content, member, said, []));
  });
}

function partsOf(candidate: GrowingObject): GrowingJson[] {
  const content = own(candidate, 'content');
  const parts = isGrowingObject(content) ? own(content, 'parts') : undefined;
  return Array.isArray(parts) ? parts : [];
}

/** False: it was told before, otherwise, and is none of those that are told anew. */
function addMember(to: GrowingObject, name: string, value: GrowingJson, latest: readonly string[]): boolean {
  const before = own(to, name);
  if (before !== undefined && !latest.includes(name)) return canonicalJson(before) === canonicalJson(value);
  // Counts come in full at the end, and in part before.
  put(to, name, isGrowingObject(before) && isGrowingObject(value) ? { ...before, ...value } : value);
  return true;
}
