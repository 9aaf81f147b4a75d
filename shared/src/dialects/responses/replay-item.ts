import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';

/** An event's type, and its members but for the number. */
export type ItemEvent = readonly [type: string, members: JsonObject];

/** The events that tell one item of a response's output, from its beginning to its end. */
export function itemEvents(item: JsonObject, index: number): ItemEvent[] {
  const place = { output_index: index };
  const within = { item_id: item['id'] ?? null, output_index: index };
  const { start, events } = taken(item, within);
  return [
    ['response.output_item.added', { ...place, item: start }],
    ...events,
    ['response.output_item.done', { ...place, item }],
  ];
}

/** An item as it starts, and the events that make it whole. Kinds that are not told in pieces start whole. */
interface Taken {
  readonly start: JsonObject;
  readonly events: readonly ItemEvent[];
}

function taken(item: JsonObject, within: JsonObject): Taken {
  switch (item['type']) {
    case 'message':
      return { start: begun(item, 'content', []), events: listEvents(item['content'], within, contentEvents) };
    case 'reasoning':
      return {
        start: begun(begun(item, 'summary', []), 'content', []),
        events: [
          ...listEvents(item['summary'], within, summaryEvents),
          ...listEvents(item['content'], within, contentEvents),
        ],
      };
    case 'function_call':
      return takenText(item, 'arguments', 'response.function_call_arguments', within);
    case 'custom_tool_call':
      return takenText(item, 'input', 'response.custom_tool_call_input', within);
    default:
      return { start: item, events: [] };
  }
}

/** The item with a member that it has as it is at first, and under way. */
function begun(item: JsonObject, member: string, first: JsonValue): JsonObject {
  const has = Object.hasOwn(item, member) && item[member] !== null;
  return { ...item, ...(has && { [member]: first }), ...(Object.hasOwn(item, 'status') && { status: 'in_progress' }) };
}

function takenText(item: JsonObject, member: string, family: string, within: JsonObject): Taken {
  const text = item[member];
  if (typeof text !== 'string') return { start: item, events: [] };
  return {
    start: begun(item, member, ''),
    events: [
      ...delta(`${family}.delta`, text, within),
      [`${family}.done`, { ...within, ...(member === 'arguments' && { name: item['name'] ?? null }), [member]: text }],
    ],
  };
}

function listEvents(
  list: JsonValue | undefined,
  within: JsonObject,
  events: (part: JsonObject, index: number, within: JsonObject) => ItemEvent[],
): ItemEvent[] {
  if (!isJsonArray(list)) return [];
  return list.flatMap((part, index) => (isJsonObject(part) ? events(part, index, within) : []));
}

function contentEvents(part: JsonObject, index: number, within: JsonObject): ItemEvent[] {
  const place = { ...within, content_index: index };
  return [
    ['response.content_part.added', { ...place, part: startOf(part) }],
    ...piecesOf(part, place),
    ['response.content_part.done', { ...place, part }],
  ];
}

function startOf(part: JsonObject): JsonObject {
  switch (part['type']) {
    case 'output_text':
      return { ...part, text: '', ...emptied(part, 'annotations'), ...emptied(part, 'logprobs') };
    case 'reasoning_text':
      return { ...part, text: '' };
    case 'refusal':
      return { ...part, refusal: '' };
    default:
      return part;
  }
}

function emptied(part: JsonObject, member: string): JsonObject {
  return isJsonArray(part[member]) ? { [member]: [] } : {};
}

function piecesOf(part: JsonObject, place: JsonObject): ItemEvent[] {
  const { type, text, refusal, annotations, logprobs } = part;
  if (type === 'output_text' && typeof text === 'string') {
    const beside = isJsonArray(logprobs) ? { logprobs } : {};
    const cited = isJsonArray(annotations) ? annotations : [];
    return [
      ...delta('response.output_text.delta', text, { ...place, ...beside }),
      ...cited.map((annotation, annotation_index): ItemEvent => [
        'response.output_text.annotation.added',
        { ...place, annotation_index, annotation },
      ]),
      ['response.output_text.done', { ...place, text, ...beside }],
    ];
  }
  if (type === 'reasoning_text' && typeof text === 'string') {
    return [
      ...delta('response.reasoning_text.delta', text, place),
      ['response.reasoning_text.done', { ...place, text }],
    ];
  }
  if (type === 'refusal' && typeof refusal === 'string') {
    return [...delta('response.refusal.delta', refusal, place), ['response.refusal.done', { ...place, refusal }]];
  }
  return [];
}

function summaryEvents(part: JsonObject, index: number, within: JsonObject): ItemEvent[] {
  const place = { ...within, summary_index: index };
  const { text } = part;
  if (typeof text !== 'string') return [];
  return [
    ['response.reasoning_summary_part.added', { ...place, part: { ...part, text: '' } }],
    ...delta('response.reasoning_summary_text.delta', text, place),
    ['response.reasoning_summary_text.done', { ...place, text }],
    ['response.reasoning_summary_part.done', { ...place, part }],
  ];
}

function delta(type: string, text: string, place: JsonObject): ItemEvent[] {
  return text === '' ? [] : [[type, { ...place, delta: text }]];
}
