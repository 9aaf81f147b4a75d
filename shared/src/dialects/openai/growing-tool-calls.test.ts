import { describe, expect, test } from 'vitest';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { streamOfDeltas } from '../../testing/stream-of-deltas.ts';
import { aggregateStream } from './aggregate-stream.ts';

/** The message of the only choice. */
function message(events: readonly SseEvent[]): JsonValue | undefined {
  const choices = aggregateStream('openai.chat', events)?.['choices'];
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  return isJsonObject(choice) ? choice['message'] : undefined;
}

describe('tool calls', () => {
  const call = (id: string, name: string, args: string): JsonObject => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  });

  test.each<[string, readonly JsonValue[], readonly JsonValue[]]>([
    [
      'pieces are joined by index, which the plain form has not',
      [
        { index: 0, ...call('call_1', 'f', '') },
        { index: 0, function: { arguments: '{"a"' } },
        { index: 0, function: { arguments: ':1}' } },
      ],
      [call('call_1', 'f', '{"a":1}')],
    ],
    [
      'parallel calls may come interleaved',
      [
        { index: 0, ...call('call_1', 'f', '') },
        { index: 1, ...call('call_2', 'g', '') },
        { index: 0, function: { arguments: '{}' } },
        { index: 1, function: { arguments: '[]' } },
      ],
      [call('call_1', 'f', '{}'), call('call_2', 'g', '[]')],
    ],
    [
      'an index may begin at 1 (Anthropic behind a compatible server)',
      [{ index: 1, ...call('t', 'f', '{}') }],
      [call('t', 'f', '{}')],
    ],
    [
      'an empty name or id later takes nothing away',
      [
        { index: 0, ...call('call_1', 'f', '') },
        { index: 0, id: '', type: 'function', function: { name: '', arguments: '{}' } },
      ],
      [call('call_1', 'f', '{}')],
    ],
    [
      'id, type and name repeated in each piece are said once',
      [
        { index: 0, ...call('call_1', 'f', '{') },
        { index: 0, ...call('call_1', 'f', '}') },
      ],
      [call('call_1', 'f', '{}')],
    ],
    [
      'another id without a name is the same call (some servers make an id a chunk)',
      [
        { index: 0, ...call('random_1', 'f', '') },
        { index: 0, id: 'random_2', function: { arguments: '{}' } },
      ],
      [call('random_2', 'f', '{}')],
    ],
    [
      'another id and a name under the same index is another call (Gemini numbers all of them 0)',
      [
        { index: 0, ...call('call_1', 'f', '{}') },
        { index: 0, ...call('call_2', 'f', '{}') },
      ],
      [call('call_1', 'f', '{}'), call('call_2', 'f', '{}')],
    ],
    [
      'calls without index come whole (Mistral)',
      [
        { id: 'a', function: { name: 'f', arguments: '{}' } },
        { id: 'b', function: { name: 'f', arguments: '{}' } },
      ],
      [
        { id: 'a', function: { name: 'f', arguments: '{}' } },
        { id: 'b', function: { name: 'f', arguments: '{}' } },
      ],
    ],
    [
      'the input of a custom tool is appended',
      [
        { index: 0, id: 'c', type: 'custom', custom: { name: 'sql', input: '' } },
        { index: 0, custom: { input: 'SELECT ' } },
        { index: 0, custom: { input: '1' } },
      ],
      [{ id: 'c', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } }],
    ],
    [
      'what a vendor adds stays',
      [{ index: 0, ...call('c', 'f', '{}'), extra_content: { google: { thought_signature: 'x' } } }],
      [{ ...call('c', 'f', '{}'), extra_content: { google: { thought_signature: 'x' } } }],
    ],
  ])('%s', (_rule, pieces, expected) => {
    const events = streamOfDeltas(
      { role: 'assistant', content: null },
      ...pieces.map((piece) => ({ tool_calls: [piece] })),
    );
    expect(message(events)).toEqual({ role: 'assistant', content: null, tool_calls: expected });
    const atOnce = streamOfDeltas({ role: 'assistant', content: null, tool_calls: pieces });
    expect(message(atOnce)).toEqual({ role: 'assistant', content: null, tool_calls: expected });
  });
});
