import { ApiError, GoogleGenAI } from '@google/genai';
import { HEADER } from '@isartor/shared';
import {
  geminiBody,
  geminiError,
  geminiRequest,
  geminiStream,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KEY, type AcceptanceSubject } from './acceptance.contract.ts';

const MODEL = 'gemini-2.5-flash';

/**
 * What a stack with a provider of Gemini's API is held to, through its edge and with the official client.
 * @param subject the stack, once it runs
 */
export function describeGemini(subject: () => AcceptanceSubject): void {
  let upstream: FakeUpstream;
  let edge: string;
  let gemini: GoogleGenAI;
  let questions = 0;
  let asked = 0;

  beforeAll(() => {
    ({ edge, upstream } = subject());
    gemini = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: edge } });
  });
  beforeEach(() => {
    upstream.respondWith(wellBehaved);
    asked = upstream.requests.length;
  });

  /** A request that nobody has made before. */
  function newAsk(): { model: string; contents: string } {
    questions += 1;
    return { model: MODEL, contents: `generation ${questions}` };
  }
  const calls = (): number => upstream.requests.length - asked;

  describe('the official @google/genai client through the edge', () => {
    it("generates: from the cloud first, from the edge's cache the second time, streamed alike", async () => {
      const ask = newAsk();
      const first = await gemini.models.generateContent(ask);
      const raw = async () => {
        const response = await fetch(`${edge}/v1/models/${MODEL}:generateContent?key=${KEY}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(geminiRequest(ask.contents)),
        });
        expect(await response.json()).toMatchObject({ candidates: first.candidates });
        return response.headers.get(HEADER.edge);
      };
      await expect.poll(raw).toBe('hit');
      let text = '';
      for await (const chunk of await gemini.models.generateContentStream(ask)) text += chunk.text ?? '';
      expect(text).toBe(first.text);
      expect((await gemini.models.generateContent(ask)).text).toBe(first.text);
      expect(calls()).toBe(1);
    });

    it('streams as the provider does', async () => {
      const gate = Promise.withResolvers<void>();
      const [first, second] = geminiStream(geminiBody('one'), geminiBody('two')).steps;
      upstream.respondWith({ kind: 'stream', steps: [first ?? '', { wait: gate.promise }, second ?? ''] });
      const chunks = (await gemini.models.generateContentStream(newAsk()))[Symbol.asyncIterator]();
      // The second event is not written before the first one has arrived: nothing on the way collects.
      expect((await chunks.next()).value?.text).toBe('one');
      gate.resolve();
      expect((await chunks.next()).value?.text).toBe('two');
    });

    it('keeps two models apart', async () => {
      const ask = newAsk();
      for (const model of [MODEL, 'gemini-2.5-pro']) await gemini.models.generateContent({ ...ask, model });
      expect(calls()).toBe(2);
    });

    it('raises its own errors', async () => {
      const stranger = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: edge } });
      await expect(stranger.models.generateContent(newAsk())).rejects.toBeInstanceOf(ApiError);
      upstream.respondWith(geminiError(400, 'INVALID_ARGUMENT', 'no such thing'));
      await expect(gemini.models.generateContent(newAsk())).rejects.toMatchObject({ status: 400 });
    });
  });
}
