import fc from 'fast-check';
import { hasExactIntegers } from '../json/exact-integers.ts';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../json/json-value.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import { extras, merged, objectOf, optional, text, value } from './generated-json.ts';

const block = fc.oneof(
  merged(
    extras('type', 'text', 'citations'),
    optional('citations', fc.option(fc.array(value, { maxLength: 3 }))),
    fc.record({ type: fc.constant('text'), text }),
  ),
  merged(
    extras('type', 'thinking', 'signature'),
    optional('signature', text),
    fc.record({ type: fc.constant('thinking'), thinking: text }),
  ),
  merged(
    extras('type', 'input'),
    fc.record({
      type: fc.constantFrom('tool_use', 'server_tool_use', 'mcp_tool_use'),
      input: objectOf(value),
    }),
  ),
  merged(
    extras('type', 'content', 'encrypted_content'),
    optional('encrypted_content', fc.option(text)),
    fc.record({ type: fc.constant('compaction'), content: fc.option(text) }),
  ),
  merged(
    extras('type', 'to'),
    fc.record({ type: fc.constantFrom('redacted_thinking', 'web_search_tool_result', 'new') }),
  ),
);

const usage = merged(
  extras('input_tokens', 'output_tokens', 'cache_read_input_tokens', 'iterations'),
  optional('cache_read_input_tokens', fc.option(fc.nat())),
  optional('iterations', fc.array(value, { maxLength: 2 })),
  fc.record({ input_tokens: fc.nat(), output_tokens: fc.nat() }),
);

/** Any message of Anthropic's that may be stored, with what is not known yet at each level. For property tests. */
export const messageBodies: fc.Arbitrary<JsonObject> = merged(
  extras('content', 'usage', 'error'),
  optional('model', text),
  optional('stop_sequence', fc.option(text)),
  optional('stop_details', fc.option(value)),
  optional('container', fc.option(value)),
  optional('context_management', value),
  fc.record({
    type: fc.constant('message'),
    content: fc.array(block, { maxLength: 4 }),
    stop_reason: fc.constantFrom('end_turn', 'tool_use', 'stop_sequence'),
    usage,
  }),
)
  // Through JSON once, as all bodies come: -0 is 0 there.
  .map((body) => parseJson(JSON.stringify(body)))
  .filter(isJsonObject)
  // Others are not stored.
  .filter((body) => hasExactIntegers(JSON.stringify(body)));

/** The text that each kind of delta brings a piece of. */
const PIECES: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
};

/** The same stream with its texts in ever so many pieces: an empty one and one a grapheme, and with pings between. */
export function shreddedMessage(events: readonly SseEvent[]): SseEvent[] {
  return events.flatMap((event) => [{ event: 'ping', data: '{"type":"ping"}' }, ...pieces(event)]);
}

function pieces(event: SseEvent): SseEvent[] {
  const said = parseJson(event.data);
  const delta = isJsonObject(said) ? said['delta'] : undefined;
  if (!isJsonObject(said) || !isJsonObject(delta) || typeof delta['type'] !== 'string') return [event];
  const member = PIECES[delta['type']];
  const whole: JsonValue | undefined = member === undefined ? undefined : delta[member];
  if (member === undefined || typeof whole !== 'string') return [event];
  return ['', ...Array.from(whole)].map((piece) => ({
    event: 'content_block_delta',
    data: JSON.stringify({ ...said, delta: { ...delta, [member]: piece } }),
  }));
}
