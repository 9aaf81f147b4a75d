import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';

/** Members of a message that its stream tells at the end; until then they are null. */
const AT_THE_END: readonly string[] = ['stop_reason', 'stop_sequence', 'stop_details', 'container'];
/** The same, but told beside the delta; clients that do not know them take them from the start. */
const BESIDE_THE_END: readonly string[] = ['context_management', 'input_transformations'];
/** Counts that the end of a stream repeats in their final form. */
const FINAL_COUNTS: readonly string[] = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
  'output_tokens_details',
  'server_tool_use',
  'iterations',
  'fallback_credit',
];

/** The events of a stream that adds up to a message, in the order and under the names that Anthropic gives them. */
export function replayMessage(body: JsonObject): SseEvent[] {
  const content = isJsonArray(body['content']) ? body['content'] : [];
  return [
    event('message_start', { message: startOf(body) }),
    ...content.flatMap((block, index) => (isJsonObject(block) ? blockEvents(block, index) : [])),
    endOf(body),
    event('message_stop', {}),
  ];
}

function event(type: string, members: JsonObject): SseEvent {
  return { event: type, data: JSON.stringify({ type, ...members }) };
}

function startOf(body: JsonObject): JsonObject {
  const { usage } = body;
  return {
    ...body,
    content: [],
    ...mapped(body, AT_THE_END, () => null),
    // What has been put out by then is told at the end.
    ...(isJsonObject(usage) && {
      usage: { ...usage, ...mapped(usage, ['output_tokens'], (count) => (count === null ? null : 0)) },
    }),
  };
}

function endOf(body: JsonObject): SseEvent {
  const { usage } = body;
  return event('message_delta', {
    delta: mapped(body, AT_THE_END, (value) => value),
    ...(isJsonObject(usage) && { usage: mapped(usage, FINAL_COUNTS, (value) => value) }),
    ...mapped(body, BESIDE_THE_END, (value) => value),
  });
}

function blockEvents(block: JsonObject, index: number): SseEvent[] {
  const { start, deltas } = taken(block);
  return [
    event('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ];
}

/** A block as it starts, and the deltas that make it whole. Kinds of which no delta is known start whole. */
function taken(block: JsonObject): { readonly start: JsonObject; readonly deltas: readonly JsonObject[] } {
  switch (block['type']) {
    case 'text':
      return takenText(block);
    case 'thinking':
      return takenThinking(block);
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return takenInput(block);
    case 'compaction': {
      const { content = null } = block;
      const sealed = mapped(block, ['encrypted_content'], (value) => value);
      return { start: { ...block, content: null }, deltas: [{ type: 'compaction_delta', content, ...sealed }] };
    }
    default:
      return { start: block, deltas: [] };
  }
}

function takenText(block: JsonObject): ReturnType<typeof taken> {
  const { text, citations } = block;
  if (typeof text !== 'string') return { start: block, deltas: [] };
  const cited = isJsonArray(citations) ? citations : [];
  return {
    start: { ...block, text: '', ...(cited.length > 0 && { citations: [] }) },
    deltas: [
      ...cited.map((citation): JsonObject => ({ type: 'citations_delta', citation })),
      ...(text === '' ? [] : [{ type: 'text_delta', text }]),
    ],
  };
}

function takenThinking(block: JsonObject): ReturnType<typeof taken> {
  const { thinking, signature } = block;
  if (typeof thinking !== 'string') return { start: block, deltas: [] };
  const signed = typeof signature === 'string';
  return {
    start: { ...block, thinking: '', ...(signed && { signature: '' }) },
    deltas: [
      ...(thinking === '' ? [] : [{ type: 'thinking_delta', thinking }]),
      ...(signed ? [{ type: 'signature_delta', signature }] : []),
    ],
  };
}

function takenInput(block: JsonObject): ReturnType<typeof taken> {
  const { input } = block;
  if (!isJsonObject(input)) return { start: block, deltas: [] };
  const partial = Object.keys(input).length === 0 ? '' : JSON.stringify(input);
  return { start: { ...block, input: {} }, deltas: [{ type: 'input_json_delta', partial_json: partial }] };
}

/** The named members that an object has, each as `value` makes it. */
function mapped(object: JsonObject, names: readonly string[], value: (was: JsonValue) => JsonValue): JsonObject {
  const made: Record<string, JsonValue> = {};
  for (const name of names) {
    const was = object[name];
    if (was !== undefined && Object.hasOwn(object, name)) made[name] = value(was);
  }
  return made;
}
