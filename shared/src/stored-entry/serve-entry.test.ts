import { describe, expect, test } from 'vitest';
import { aggregateStream } from '../dialects/streams.ts';
import { parseSseFrame } from '../sse/parse-sse-frame.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import { SseFramer } from '../sse/sse-framer.ts';
import { serveEntry } from './serve-entry.ts';
import type { StoredEntryMeta } from './stored-entry-meta.ts';

const utf8 = new TextEncoder();
const meta: StoredEntryMeta = {
  v: 1,
  status: 200,
  contentType: 'application/json; charset=utf-8',
  operation: 'openai.chat',
  layer: 'l3',
  provider: 'openai',
  model: 'm',
  createdAt: 1000,
  freshUntil: 2000,
  staleUntil: 3000,
  epoch: '1-a',
  policy: 'p',
  origin: 'l3',
  source: null,
  usage: { input: 9, output: 1 },
};
const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1760000000,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße 😀' }, logprobs: null, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
};
const entry = { meta, body: utf8.encode(JSON.stringify(answer, undefined, 2)) };
const sse = utf8.encode('data: {"choices":[]}\n\ndata: [DONE]\n\n');
const streamEntry = { meta: { ...meta, contentType: 'text/event-stream', usage: null }, body: sse };

function events(bytes: Uint8Array): SseEvent[] {
  return new SseFramer().push(bytes).flatMap((frame) => parseSseFrame(frame.bytes) ?? []);
}

describe('an entry answers', () => {
  test('a plain request with its own bytes, untouched', () => {
    const served = serveEntry(entry, { stream: false, includeUsage: false });
    expect(served.body).toBe(entry.body);
    expect(served.contentType).toBe('application/json; charset=utf-8');
  });

  test('a stream with events that add up to it', () => {
    const served = serveEntry(entry, { stream: true, includeUsage: true });
    expect(served.contentType).toBe('text/event-stream; charset=utf-8');
    expect(events(served.body).at(-1)?.data).toBe('[DONE]');
    expect(aggregateStream('openai.chat', events(served.body))).toEqual(answer);
  });

  test('a stream that did not ask for usage without it', () => {
    const { usage: _, ...withoutUsage } = answer;
    const served = serveEntry(entry, { stream: true, includeUsage: false });
    expect(aggregateStream('openai.chat', events(served.body))).toEqual(withoutUsage);
  });

  test('a stream with its own bytes where it was kept as one', () => {
    expect(serveEntry(streamEntry, { stream: true, includeUsage: true })).toEqual({
      contentType: 'text/event-stream',
      body: sse,
    });
  });

  test('nothing when it was kept as a stream and the request is plain, or when its body is damaged', () => {
    expect(() => serveEntry(streamEntry, { stream: false, includeUsage: false })).toThrow(TypeError);
    expect(() => serveEntry({ meta, body: utf8.encode('{"id":') }, { stream: true, includeUsage: false })).toThrow(
      SyntaxError,
    );
    expect(() => serveEntry({ meta, body: utf8.encode('[]') }, { stream: true, includeUsage: false })).toThrow(
      TypeError,
    );
    expect(() => serveEntry({ meta, body: Uint8Array.of(0xff) }, { stream: true, includeUsage: false })).toThrow(
      TypeError,
    );
  });
});
