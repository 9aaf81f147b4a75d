import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type GenerateContentResponse } from '@google/genai';
import { HEADER } from '@isartor/shared';
import {
  fakeUpstream,
  geminiBody,
  geminiError,
  geminiRequest,
  geminiStream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const MODEL = 'gemini-2.5-flash';
let upstream: FakeUpstream;
let core: RunningCore;
let gemini: GoogleGenAI;
let asked = 0;
let questions = 0;

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  core = await startCore(`${upstream.origin}/v1beta`, {
    ISARTOR__LLM_PROVIDER: 'gemini',
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
  });
  gemini = clientOf(TEST_KEY);
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.respondWith(wellBehaved);
  asked = upstream.requests.length;
});

function clientOf(apiKey: string): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: core.origin } });
}

/** A request that nobody has made before. */
function newAsk(): { model: string; contents: string } {
  questions += 1;
  return { model: MODEL, contents: `question ${questions}` };
}

async function collected(stream: AsyncIterable<GenerateContentResponse>): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly GenerateContentResponse[]): string => chunks.map(({ text }) => text ?? '').join('');
const calls = (): number => upstream.requests.length - asked;
const half = (text: string, end?: string) =>
  geminiBody('', {
    candidates: [
      { content: { parts: [{ text }], role: 'model' }, index: 0, ...(end !== undefined && { finishReason: end }) },
    ],
  });

describe('the official @google/genai client', () => {
  it('generates, and again from the cache, by our key at the provider alone', async () => {
    const ask = newAsk();
    const first = await gemini.models.generateContent(ask);
    const again = await gemini.models.generateContent(ask);
    expect(first.text).toContain(ask.contents);
    expect(again.candidates).toEqual(first.candidates);
    expect(calls()).toBe(1);
    const seen = upstream.requests.at(-1);
    expect(seen?.url).toBe(`/v1/models/${MODEL}:generateContent`);
    expect(seen?.headers).toMatchObject({ 'x-goog-api-key': 'sk-upstream' });
    expect(JSON.stringify(seen?.headers)).not.toContain(TEST_KEY);
  });

  it('takes the key from the query too, and passes the body to the byte', async () => {
    const body = `{ "contents":[{"parts":[{"text":"raw"}]}], "newField": 1.50 }`;
    const send = () =>
      fetch(`${core.origin}/v1beta/models/${MODEL}:generateContent?key=${TEST_KEY}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    expect((await send()).status).toBe(200);
    expect(Buffer.from(upstream.requests.at(-1)?.body ?? []).toString()).toBe(body);
    expect(upstream.requests.at(-1)?.url).toBe(`/v1beta/models/${MODEL}:generateContent`);
    expect((await send()).headers.get(HEADER.layer)).toBe('l1a');
  });

  it('streams, and shares its entry with plain requests', async () => {
    upstream.respondWith(geminiStream(half('One '), half('two'), half('', 'STOP')));
    const ask = newAsk();
    const live = await collected(await gemini.models.generateContentStream(ask));
    expect(upstream.requests.at(-1)?.url).toBe(`/v1/models/${MODEL}:streamGenerateContent?alt=sse`);
    expect(live).toHaveLength(3);
    const replayed = await collected(await gemini.models.generateContentStream(ask));
    const plain = await gemini.models.generateContent(ask);
    expect([textOf(live), textOf(replayed), plain.text]).toEqual(['One two', 'One two', 'One two']);
    expect(replayed.at(-1)?.usageMetadata).toEqual(live.at(-1)?.usageMetadata);
    expect(calls()).toBe(1);
  });

  it('calls a tool in a loop of two turns, with its signature between', async () => {
    const call = { functionCall: { name: 'weather', args: { city: 'Bonn' } }, thoughtSignature: 'EpEg' };
    upstream.respondWith(
      geminiStream(
        geminiBody('', { candidates: [{ content: { parts: [call], role: 'model' }, index: 0 }] }),
        half('', 'STOP'),
      ),
    );
    const config = {
      tools: [{ functionDeclarations: [{ name: 'weather' }] }],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
    };
    const ask = { ...newAsk(), config };
    const [turn] = await collected(await gemini.models.generateContentStream(ask));
    expect(turn?.functionCalls).toMatchObject([{ name: 'weather', args: { city: 'Bonn' } }]);
    expect((await gemini.models.generateContent(ask)).candidates?.[0]?.content?.parts).toEqual([call]);
    expect(calls()).toBe(1);
    for (const weather of ['sunny', 'rain', 'sunny']) {
      upstream.respondWith(jsonAnswer(geminiBody(`It is ${weather}.`)));
      const answer = await gemini.models.generateContent({
        ...ask,
        contents: [
          { role: 'user', parts: [{ text: ask.contents }] },
          { role: 'model', parts: [call] },
          { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { weather } } }] },
        ],
      });
      expect(answer.text).toBe(`It is ${weather}.`);
    }
    expect(upstream.requests.at(-1)?.json()).toMatchObject({ contents: [{}, { parts: [call] }, {}] });
    expect(calls()).toBe(3);
  });

  it('keeps two versions of the API apart, and sends each on', async () => {
    const ask = newAsk();
    const beta = new GoogleGenAI({ apiKey: TEST_KEY, apiVersion: 'v1beta', httpOptions: { baseUrl: core.origin } });
    for (const client of [gemini, beta, gemini, beta]) await client.models.generateContent(ask);
    expect(calls()).toBe(2);
    expect(upstream.requests.at(-1)?.url).toBe(`/v1beta/models/${MODEL}:generateContent`);
  });

  it('keeps two models apart, and two requests that differ in their image', async () => {
    const ask = newAsk();
    for (const model of [MODEL, 'gemini-2.5-pro', MODEL]) await gemini.models.generateContent({ ...ask, model });
    expect(calls()).toBe(2);
    for (const data of ['AAAA', 'BBBB', 'AAAA']) {
      const parts = [{ text: ask.contents }, { inlineData: { mimeType: 'image/png', data } }];
      await gemini.models.generateContent({ model: MODEL, contents: [{ role: 'user', parts }] });
    }
    expect(calls()).toBe(4);
  });

  it('gets structured output', async () => {
    upstream.respondWith(jsonAnswer(geminiBody('{"city":"Bonn"}')));
    const config = { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' as never } };
    const answer = await gemini.models.generateContent({ ...newAsk(), config });
    expect(JSON.parse(answer.text ?? '')).toEqual({ city: 'Bonn' });
  });

  it('is asked anew by what the provider does itself, and by a framing that is passed on as it is', async () => {
    const ask = { ...newAsk(), config: { tools: [{ googleSearch: {} }] } };
    for (const _ of [1, 2]) await gemini.models.generateContent(ask);
    expect(calls()).toBe(2);
    upstream.respondWith({ kind: 'text', body: '[{},\r\n{}]' });
    const framed = await core.post(`/v1beta/models/${MODEL}:streamGenerateContent`, geminiRequest('framed'));
    expect([framed.headers.get(HEADER.cache), await framed.text()]).toEqual(['bypass;why=framing', '[{},\r\n{}]']);
  });

  it('raises its own errors', async () => {
    await expect(clientOf('wrong').models.generateContent(newAsk())).rejects.toBeInstanceOf(ApiError);
    upstream.respondWith(geminiError(400, 'INVALID_ARGUMENT', 'no such thing'));
    await expect(gemini.models.generateContent(newAsk())).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('no such thing'),
    });
    upstream.respondWith({ kind: 'refuse' });
    await expect(gemini.models.generateContent(newAsk())).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('UNAVAILABLE'),
    });
    const unknown = await core.post('/v1beta/models/..:generateContent', geminiRequest());
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { status: 'NOT_FOUND' } }]);
    const strange = await core.post(`/v1beta/models/${MODEL}:generateContent?alt=proto`, geminiRequest());
    expect([strange.status, await strange.json()]).toMatchObject([400, { error: { status: 'INVALID_ARGUMENT' } }]);
  });

  it('raises an error in the middle of a stream that breaks, and stores nothing of it', async () => {
    const ask = newAsk();
    upstream.respondWith({ ...geminiStream(half('One ')), end: 'cut' });
    await expect(collected(await gemini.models.generateContentStream(ask))).rejects.toThrow('UNAVAILABLE');
    upstream.respondWith(wellBehaved);
    expect((await gemini.models.generateContent(ask)).text).toContain(ask.contents);
    expect(calls()).toBe(2);
  });

  it('aborts, and the provider learns of it', async () => {
    upstream.respondWith({ kind: 'stall' });
    const controller = new AbortController();
    const call = gemini.models.generateContent({ ...newAsk(), config: { abortSignal: controller.signal } });
    const seen = await upstream.request(asked + 1);
    controller.abort();
    await expect(call).rejects.toThrow();
    await seen.aborted;
  });

  it('lists the models of the provider, and its own default', async () => {
    upstream.respondWith(jsonAnswer({ models: [{ name: 'models/gemini-x' }, { name: 'tunedModels/mine' }] }));
    const listed = await core.get('/v1/models');
    expect(await listed.json()).toMatchObject({
      data: expect.arrayContaining(
        ['gemini-x', MODEL].map((id) => expect.objectContaining({ id, owned_by: 'gemini' })),
      ),
    });
    expect(upstream.requests.at(-1)?.url).toBe('/v1beta/models?pageSize=1000');
  });
});
