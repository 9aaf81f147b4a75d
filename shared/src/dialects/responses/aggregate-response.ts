import { canonicalJson } from '../../json/canonical-json.ts';
import { hasExactIntegers } from '../../json/exact-integers.ts';
import { isGrowingObject, own, parseGrowing, type GrowingJson, type GrowingObject } from '../../json/growing-json.ts';
import type { JsonObject } from '../../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';

/** What the last event may hold: what a vendor adds beside the response, no plain answer could say. */
const OF_THE_END: readonly string[] = ['type', 'response', 'sequence_number'];
/** Events after which there is nothing to add up. */
const FAILURES: readonly (GrowingJson | undefined)[] = ['error', 'response.failed', 'response.incomplete'];

/**
 * The response that a whole stream of OpenAI's Responses adds up to: its `response.completed` says it whole. Undefined
 * when there is none, or more than one, when the stream says an error or is not JSON, when a number of the whole would
 * lose digits, and when the items that it told one by one are not those of the whole.
 */
export function aggregateResponse(events: readonly SseEvent[]): JsonObject | undefined {
  const items = new Map<number, GrowingObject>();
  let whole: GrowingObject | undefined;
  for (const { event, data } of events) {
    if (data.trim() === SSE_DONE) continue;
    const said = parseGrowing(data);
    const type = said === undefined ? undefined : own(said, 'type');
    if (said === undefined || whole !== undefined || FAILURES.includes(type)) return undefined;
    if (event !== undefined && event !== type) return undefined;
    if (type === 'response.output_item.done' && !addItem(items, said)) return undefined;
    if (type !== 'response.completed') continue;
    const response = own(said, 'response');
    if (!hasExactIntegers(data)) return undefined;
    if (!isGrowingObject(response) || Object.keys(said).some((name) => !OF_THE_END.includes(name))) return undefined;
    whole = response;
  }
  if (whole === undefined) return undefined;
  const told = [...items].toSorted(([a], [b]) => a - b).map(([, item]) => item);
  return isOneOutput(own(whole, 'output'), told) ? whole : undefined;
}

/** Whether the whole says the same items. Reasoning is sealed anew each time it is told: either seal is good. */
function isOneOutput(output: GrowingJson | undefined, told: readonly GrowingObject[]): boolean {
  if (!Array.isArray(output) || !output.every(isGrowingObject)) return false;
  return canonicalJson(output.map(unsealed)) === canonicalJson(told.map(unsealed));
}

function unsealed(item: GrowingObject): GrowingObject {
  return typeof own(item, 'encrypted_content') === 'string' ? { ...item, encrypted_content: '' } : item;
}

/** False: the item is none, or its place is taken. */
function addItem(items: Map<number, GrowingObject>, event: GrowingObject): boolean {
  const index = own(event, 'output_index');
  const item = own(event, 'item');
  if (typeof index !== 'number' || !isGrowingObject(item) || items.has(index)) return false;
  items.set(index, item);
  return true;
}
