import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { itemEvents, type ItemEvent } from './replay-item.ts';

/** Members that are known at the end alone, and what stands there until then. */
const UNTIL_THE_END: Readonly<Record<string, JsonValue>> = {
  status: 'in_progress',
  output: [],
  usage: null,
  completed_at: null,
};

/** The events of a stream that adds up to a response, in OpenAI's order and numbered as OpenAI numbers them. */
export function replayResponse(body: JsonObject): SseEvent[] {
  const begun: JsonObject = Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      Object.hasOwn(UNTIL_THE_END, name) ? (UNTIL_THE_END[name] ?? null) : value,
    ]),
  );
  const output = isJsonArray(body['output']) ? body['output'] : [];
  const events: ItemEvent[] = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ...output.flatMap((item, index) => (isJsonObject(item) ? itemEvents(item, index) : [])),
    ['response.completed', { response: body }],
  ];
  return events.map(([type, members], number) => ({
    event: type,
    data: JSON.stringify({ type, ...members, sequence_number: number }),
  }));
}
