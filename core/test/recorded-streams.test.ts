import {
  aggregateStream,
  encodeSseEvent,
  HEADER,
  unstorableRule,
  type JsonObject,
  type Operation,
  type SseEvent,
} from '@isartor/shared';
import {
  fakeUpstream,
  geminiRequest,
  geminiStreams,
  messageRequest,
  messageStreams,
  responseRequest,
  responseStreams,
  type FakeUpstream,
  type RecordedStream,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';
import { eventsIn } from './support/events-in.ts';

let upstream: FakeUpstream;
let core: RunningCore;

beforeAll(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url, {
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'openai', url: upstream.url, model: 'gpt-4o-mini' },
      { name: 'gemini', dialect: 'gemini', url: upstream.url, model: 'gemini-2.5-flash' },
      { name: 'anthropic', dialect: 'anthropic', url: upstream.url, model: 'claude-haiku-4-5' },
    ]),
  });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

interface Surface {
  readonly operation: Operation;
  readonly path: string;
  /** Where the path tells how the answer is to come. */
  readonly plainPath?: string;
  readonly streams: readonly RecordedStream[];
  readonly request: (text: string) => JsonObject;
}

const SURFACES: readonly Surface[] = [
  {
    operation: 'anthropic.messages',
    path: '/v1/messages',
    streams: messageStreams,
    request: (text) => messageRequest(text, { stream: true }),
  },
  {
    operation: 'openai.responses',
    path: '/v1/responses',
    streams: responseStreams,
    request: (text) => responseRequest(text, { stream: true }),
  },
  {
    operation: 'gemini.generate',
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    plainPath: '/v1beta/models/gemini-2.5-flash:generateContent',
    streams: geminiStreams,
    request: (text) => geminiRequest(text),
  },
];

/** Whether a stream's sum may be kept: it is whole, and ended as it should. */
function isStorable(operation: Operation, events: readonly SseEvent[]): boolean {
  const body = aggregateStream(operation, events);
  const contentType = 'application/json';
  const answer = { status: 200, contentType, body, byteLength: JSON.stringify(body ?? null).length };
  return unstorableRule(operation, {}, answer) === undefined;
}

const recorded = SURFACES.flatMap((surface) => surface.streams.map((stream) => ({ ...surface, ...stream })));

describe.skipIf(recorded.length === 0)('a recorded stream', () => {
  it.each(recorded)(
    '$operation, $name: passes through byte for byte, and what is kept of it adds up to the same',
    async ({ operation, path, plainPath, name, events, request }) => {
      const sent = events.map(encodeSseEvent).join('');
      upstream.respondWith({ kind: 'stream', steps: [{ raw: sent }] });
      const body = request(name);
      const live = await core.post(path, body);
      if (events.some(({ event }) => event === 'error')) {
        // It comes at once here, with the first event: a 200 with an error inside is no answer.
        expect(live.status).toBe(502);
        return;
      }
      expect(await live.text()).toBe(sent);

      const before = upstream.requests.length;
      const again = await core.post(path, body);
      const text = await again.text();
      if (!isStorable(operation, events)) {
        expect(upstream.requests.length).toBe(before + 1);
        expect(text).toBe(sent);
        return;
      }
      expect(again.headers.get(HEADER.layer)).toBe('l1a');
      expect(aggregateStream(operation, eventsIn(text))).toEqual(aggregateStream(operation, events));
      const plain = await core.post(plainPath ?? path, plainPath === undefined ? { ...body, stream: false } : body);
      expect(plain.headers.get(HEADER.layer)).toBe('l1a');
      expect(await plain.json()).toEqual(aggregateStream(operation, events));
    },
  );
});
