import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../json/canonical-json.ts';
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { encodeSseEvent, type SseEvent } from '../../sse/sse-event.ts';
import { parseSseFrame } from '../../sse/parse-sse-frame.ts';
import { SseFramer } from '../../sse/sse-framer.ts';
import { messageStreams, plainMessages, readRecorded } from '../../testing/recorded-traffic.ts';
import { isReplayable, saysUsage } from '../streams.ts';
import { usageOf } from '../usage.ts';
import { aggregateMessage } from './aggregate-message.ts';
import { replayMessage } from './replay-message.ts';

/** Recordings of a proxy's faults: a stream that begins twice is passed on and never stored. */
const CONTRADICTING: readonly string[] = [
  'anthropic/duplicate-message-start.chunks.txt',
  'anthropic/spliced-message-start.chunks.txt',
];

function asObject(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw new TypeError('not an object');
  return value;
}

/** The texts of a recorded stream by their kind, put together by a reader that knows nothing of the code under test. */
function textsOf(events: readonly SseEvent[], type: string, member: string): string {
  return events
    .map(({ data }) => asObject(parseJson(data))['delta'])
    .map((delta) => (isJsonObject(delta) && delta['type'] === type ? delta[member] : ''))
    .filter((text) => typeof text === 'string')
    .join('');
}

function saidBy(body: JsonObject, member: string): string {
  const content = isJsonArray(body['content']) ? body['content'] : [];
  return content
    .map((block) => (isJsonObject(block) && typeof block[member] === 'string' ? block[member] : ''))
    .join('');
}

describe.skipIf(plainMessages.length === 0)('recorded traffic', () => {
  test('is there', () => {
    expect(plainMessages.length).toBeGreaterThan(30);
    expect(messageStreams.length).toBeGreaterThan(30);
  });

  test.each(plainMessages)('%s: the replay adds up to it', (file) => {
    const text = readRecorded(file);
    const body = asObject(parseJson(text));
    if (body['type'] !== 'message') return;
    expect(isReplayable('anthropic.messages', body, text)).toBe(true);
    expect(canonicalJson(aggregateMessage(replayMessage(body)) ?? null)).toBe(canonicalJson(body));
    expect(usageOf('anthropic.messages', body)).not.toBeNull();
  });

  test.each(messageStreams)(
    '$name: adds up to a message with its texts and usage, which replays',
    ({ name, events }) => {
      const body = aggregateMessage(events);
      if (CONTRADICTING.includes(name)) {
        expect(body).toBeUndefined();
        return;
      }
      if (body === undefined) throw new TypeError('the stream adds up to nothing');
      expect(isReplayable('anthropic.messages', body)).toBe(true);
      expect(aggregateMessage(replayMessage(body))).toEqual(body);
      expect(saysUsage(body)).toBe(true);
      expect(usageOf('anthropic.messages', body)).not.toBeNull();
      expect(saidBy(body, 'text')).toBe(textsOf(events, 'text_delta', 'text'));
      expect(saidBy(body, 'thinking')).toBe(textsOf(events, 'thinking_delta', 'thinking'));
      expect(saidBy(body, 'signature')).toBe(textsOf(events, 'signature_delta', 'signature'));
    },
  );

  test.each(messageStreams)('$name: is cut into whole events, and not a byte is lost', ({ events }) => {
    const bytes = new TextEncoder().encode(events.map(encodeSseEvent).join(''));
    const framer = new SseFramer();
    const frames = [];
    for (let at = 0; at < bytes.length; at += 61) frames.push(...framer.push(bytes.subarray(at, at + 61)));
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(bytes)).toBe(true);
    expect(frames.map((frame) => parseSseFrame(frame.bytes))).toEqual(events);
  });

  test('what compaction and a fallback read is paid for as well', () => {
    const usage = (file: string) => {
      const stream = messageStreams.find(({ name }) => name === file);
      return usageOf('anthropic.messages', aggregateMessage(stream?.events ?? []) ?? {});
    };
    expect(usage('anthropic/anthropic-compaction.1.chunks.txt')).toEqual({ input: 60_385 + 612, output: 522 + 2819 });
    expect(usage('anthropic/anthropic-fallback.chunks.txt')).toEqual({ input: 408 + 412, output: 264 });
    expect(usage('anthropic/anthropic-code-execution-20260120-prompt-cache.1.chunks.txt')).toEqual({
      input: 6 + 3337 + 6289,
      output: 198,
      cachedInput: 6289,
      cacheWrite: 3337,
      reasoning: 0,
    });
  });
});
