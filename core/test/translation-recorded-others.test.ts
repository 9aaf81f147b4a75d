import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type GenerateContentResponse } from '@google/genai';
import {
  aggregateStream,
  encodeSseEvent,
  isReplayable,
  parseJson,
  type JsonObject,
  type SseEvent,
} from '@isartor/shared';
import { describe, expect, it, vi } from 'vitest';
import { ANTHROPIC_MESSAGES } from '../src/l3-cloud/translation/anthropic/surface.ts';
import { GEMINI_GENERATE } from '../src/l3-cloud/translation/gemini/surface.ts';
import { LABEL } from './support/model-answers.ts';
import { BROKEN, callsOf, listIn, PROMPT, signaturesIn, textOf, tokensOf, written } from './support/model-readings.ts';
import {
  recordedAnswers,
  recordedStreams,
  replaying,
  requestFor,
  streamParts,
  type Recording,
} from './support/recorded-models.ts';

if (recordedAnswers.length === 0) {
  process.stderr.write('skipped: no recorded traffic at ../shared/transcripts beside the repository\n');
}

const asBody = (events: readonly SseEvent[]): string => events.map(encodeSseEvent).join('');
const responding = (body: string, type: string) => async (): Promise<Response> =>
  new Response(body, { headers: { 'content-type': type } });
const STREAM = 'text/event-stream';
const PLAIN = 'application/json';

function anthropicOf(body: string, type: string): Anthropic {
  return new Anthropic({ apiKey: 'k', baseURL: 'http://isartor.test', maxRetries: 0, fetch: responding(body, type) });
}

const ASK = { model: 'm', max_tokens: 1, messages: [{ role: 'user' as const, content: 'Hi' }] };

/** What the official client makes of an answer; it takes no `fetch` of its own. */
async function geminiOf(body: string, type: string): Promise<GenerateContentResponse[]> {
  vi.stubGlobal('fetch', responding(body, type));
  try {
    const { models } = new GoogleGenAI({ apiKey: 'k' });
    const ask = { model: 'm', contents: 'Hi' };
    if (type === PLAIN) return [await models.generateContent(ask)];
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await models.generateContentStream(ask)) chunks.push(chunk);
    return chunks;
  } finally {
    vi.unstubAllGlobals();
  }
}

function messageText({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function messageCalls({ content }: Anthropic.Message): unknown[] {
  return content.flatMap((block) =>
    block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
  );
}

function partsIn(chunks: readonly GenerateContentResponse[]) {
  return chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
}

function geminiText(chunks: readonly GenerateContentResponse[]): string {
  return partsIn(chunks)
    .map(({ text, thought }) => (thought === true ? '' : (text ?? '')))
    .join('');
}

function geminiCalls(chunks: readonly GenerateContentResponse[]): unknown[] {
  return partsIn(chunks).flatMap(({ functionCall: call }) =>
    call === undefined ? [] : [{ id: call.id, name: call.name, input: call.args }],
  );
}

describe.skipIf(recordedStreams.length === 0)('a recorded stream, by the maintained library', () => {
  it.each(recordedStreams)('$name: the official clients read it as a message, and as content', async (recording) => {
    const parts = await streamParts(recording);
    expect(parts === undefined).toBe(BROKEN.includes(recording.name));
    if (parts === undefined) return;

    const events = written(ANTHROPIC_MESSAGES, parts);
    const message = await anthropicOf(asBody(events), STREAM).messages.stream(ASK).finalMessage();
    expect(messageText(message)).toBe(textOf(parts));
    expect(messageCalls(message)).toEqual(callsOf(parts));
    const { usage } = message;
    const read = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
    expect(usage.input_tokens + read + usage.output_tokens).toBe(tokensOf(parts));
    const sum = aggregateStream('anthropic.messages', events);
    if (sum === undefined) throw new TypeError('the events add up to nothing');
    expect(isReplayable('anthropic.messages', sum)).toBe(true);

    const chunks = written(GEMINI_GENERATE, parts);
    const responses = await geminiOf(asBody(chunks), STREAM);
    expect(geminiText(responses)).toBe(textOf(parts));
    expect(geminiCalls(responses)).toEqual(callsOf(parts));
    expect(responses.at(-1)?.usageMetadata?.totalTokenCount ?? 0).toBe(tokensOf(parts));
    const whole = aggregateStream('gemini.generate', chunks);
    if (whole === undefined) throw new TypeError('the chunks add up to nothing');
    expect(isReplayable('gemini.generate', whole)).toBe(true);
  });
});

describe.skipIf(recordedAnswers.length === 0)('a recorded answer, by the maintained library', () => {
  it.each(recordedAnswers)('$name: the official clients read it as a message, and as content', async (recording) => {
    const answer = await replaying(recording).doGenerate({ prompt: PROMPT });
    const body = JSON.stringify(ANTHROPIC_MESSAGES.writeAnswer(answer, LABEL));
    const message = await anthropicOf(body, PLAIN).messages.create(ASK);
    expect(messageText(message)).toBe(textOf(answer.content));
    expect(messageCalls(message)).toEqual(callsOf(answer.content));

    const responses = await geminiOf(JSON.stringify(GEMINI_GENERATE.writeAnswer(answer, LABEL)), PLAIN);
    expect(geminiText(responses)).toBe(textOf(answer.content));
    expect(geminiCalls(responses)).toEqual(callsOf(answer.content));
  });
});

/** What the provider gets to see again when the client answers, by each dialect. */
async function seenAgain(recording: Recording, message: JsonObject, answer: JsonObject): Promise<string[][]> {
  const next = [
    ANTHROPIC_MESSAGES.readRequest(nextMessages(message)),
    GEMINI_GENERATE.readRequest(nextContents(answer)),
  ];
  return Promise.all(next.map(async ({ prompt }) => signaturesIn(await requestFor(recording, prompt))));
}

/** The client's next turn: what it was told, the results of its calls, and a question. */
function nextMessages({ content }: JsonObject): JsonObject {
  const results = listIn({ content: content ?? [] }, 'content')
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id ?? null, content: '{}' }));
  const asked = [...results, { type: 'text', text: 'And?' }];
  return {
    max_tokens: 1,
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: content ?? [] },
      { role: 'user', content: asked },
    ],
  };
}

function nextContents(answer: JsonObject): JsonObject {
  const [candidate] = listIn(answer, 'candidates');
  const turn = listIn({ content: [candidate?.['content'] ?? {}] }, 'content');
  const calls = turn
    .flatMap((content) => listIn(content, 'parts'))
    .flatMap((part) => listIn({ call: [part['functionCall'] ?? null] }, 'call'));
  const results = calls.map(({ id, name }) => ({
    functionResponse: { id: id ?? null, name: name ?? null, response: {} },
  }));
  return { contents: [{ parts: [{ text: 'Hi' }] }, ...turn, { parts: [...results, { text: 'And?' }] }] };
}

const isSigned = ({ said }: Recording): boolean => signaturesIn(said).length > 0;
const signedAnswers = recordedAnswers.filter(isSigned);
const signedStreams = recordedStreams.filter((stream) => isSigned(stream) && !BROKEN.includes(stream.name));

describe.skipIf(signedAnswers.length === 0)('a signature comes back to its provider with the next turn', () => {
  it.each(signedAnswers)('of the answer $name', async (recording) => {
    const answer = await replaying(recording).doGenerate({ prompt: PROMPT });
    const message = ANTHROPIC_MESSAGES.writeAnswer(answer, LABEL);
    const signatures = signaturesIn(recording.said);
    expect(await seenAgain(recording, message, GEMINI_GENERATE.writeAnswer(answer, LABEL))).toEqual([
      signatures,
      signatures,
    ]);
  });

  it.each(signedStreams)('of the stream $name', async (recording) => {
    const parts = (await streamParts(recording)) ?? [];
    const events = asBody(written(ANTHROPIC_MESSAGES, parts));
    const message = await anthropicOf(events, STREAM).messages.stream(ASK).finalMessage();
    const answer = aggregateStream('gemini.generate', written(GEMINI_GENERATE, parts)) ?? {};
    const signatures = signaturesIn(recording.said);
    const told = parseJson(JSON.stringify(message)) as JsonObject;
    expect(await seenAgain(recording, told, answer)).toEqual([signatures, signatures]);
  });
});
