import { GoogleGenAI, type GenerateContentResponse } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, parseJson, type JsonObject } from '../../json/json-value.ts';
import { encodeSseEvent, type SseEvent } from '../../sse/sse-event.ts';
import { fakeUpstream, type FakeUpstream } from '../../testing/fake-upstream.ts';
import { geminiStreams, plainGemini, readRecorded } from '../../testing/recorded-traffic.ts';
import { isReplayable } from '../streams.ts';
import { usageOf } from '../usage.ts';
import { aggregateAnswer } from './aggregate-answer.ts';
import { replayAnswer } from './replay-answer.ts';

/** Their calls come in pieces, which no plain answer has: passed on, never stored. */
const CALLS_IN_PIECES: readonly string[] = [
  'google/google-stream-no-args-tool-call.chunks.txt',
  'google/google-stream-tool-call-arguments.chunks.txt',
  'google/google-stream-tool-call-array-arguments-missing-terminal-function-call.chunks.txt',
  'google/google-vertex-stream-tool-call-arguments-nested.1.chunks.txt',
];

let upstream: FakeUpstream;
let client: GoogleGenAI;
beforeAll(async () => {
  upstream = await fakeUpstream();
  client = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: upstream.origin } });
});
afterAll(async () => {
  await upstream.close();
});

const request = { model: 'gemini-2.5-flash', contents: 'Hello' };

/** What an answer says, as the client tells it. The client does not add a stream up by itself. */
interface Said {
  readonly text: string;
  readonly thoughts: string;
  readonly signatures: string;
  readonly calls: readonly unknown[];
  readonly end: unknown;
  readonly usage: unknown;
}

function said(chunks: readonly GenerateContentResponse[]): Said {
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const texts = (thought: boolean): string =>
    parts.map((part) => ((part.thought ?? false) === thought ? (part.text ?? '') : '')).join('');
  return {
    text: texts(false),
    thoughts: texts(true),
    signatures: parts.map((part) => part.thoughtSignature ?? '').join(''),
    calls: parts.flatMap((part) => part.functionCall ?? []),
    end: chunks.at(-1)?.candidates?.[0]?.finishReason,
    usage: chunks.at(-1)?.usageMetadata,
  };
}

async function streamed(events: readonly SseEvent[]): Promise<Said> {
  upstream.respondWith({ kind: 'stream', steps: [{ raw: events.map(encodeSseEvent).join('') }] });
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await client.models.generateContentStream(request)) chunks.push(chunk);
  return said(chunks);
}

async function plainly(body: JsonObject): Promise<Said> {
  upstream.respondWith({ kind: 'json', body });
  return said([await client.models.generateContent(request)]);
}

describe.skipIf(plainGemini.length === 0)('recorded traffic', () => {
  test('is there', () => {
    expect(plainGemini.length).toBeGreaterThan(4);
    expect(geminiStreams.length).toBeGreaterThan(7);
  });

  test.each(plainGemini)('%s: the replay says the same to the client', async (file) => {
    const text = readRecorded(file);
    const body = parseJson(text);
    if (!isJsonObject(body) || body['error'] !== undefined) return;
    expect(isReplayable('gemini.generate', body, text)).toBe(true);
    expect(usageOf('gemini.generate', body)).not.toBeNull();
    expect(await streamed(replayAnswer(body))).toEqual(await plainly(body));
  });

  test.each(geminiStreams)('$name: adds up to an answer that says the same to the client', async ({ name, events }) => {
    const body = aggregateAnswer(events);
    if (CALLS_IN_PIECES.includes(name)) {
      expect(body).toBeUndefined();
      return;
    }
    if (body === undefined) throw new TypeError('the stream adds up to nothing');
    expect(isReplayable('gemini.generate', body)).toBe(true);
    expect(usageOf('gemini.generate', body)).not.toBeNull();
    const original = await streamed(events);
    expect(await streamed(replayAnswer(body))).toEqual(original);
    expect(await plainly(body)).toEqual(original);
  });
});
