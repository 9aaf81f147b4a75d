import { HEADER } from '@isartor/shared';
import { errorAnswer, responseBody, responseStream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import OpenAI from 'openai';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KEY, type AcceptanceSubject } from './acceptance.contract.ts';

/**
 * What a stack is held to of OpenAI's responses, through its edge and with the official client.
 * @param subject the stack, once it runs
 */
export function describeResponses(subject: () => AcceptanceSubject): void {
  let upstream: FakeUpstream;
  let openai: OpenAI;
  let questions = 0;
  let asked = 0;

  beforeAll(() => {
    let edge: string;
    ({ edge, upstream } = subject());
    openai = new OpenAI({ baseURL: `${edge}/v1`, apiKey: KEY, maxRetries: 0 });
  });
  beforeEach(() => {
    upstream.respondWith(wellBehaved);
    asked = upstream.requests.length;
  });

  /** A request that nobody has made before. */
  function newAsk(): { model: string; input: string } {
    questions += 1;
    return { model: 'gpt-4o-mini', input: `response ${questions}` };
  }
  const calls = (): number => upstream.requests.length - asked;

  describe('the official openai client through the edge, by responses', () => {
    it("gets a response: from the cloud first, from the edge's cache the second time, streamed alike", async () => {
      const ask = newAsk();
      const first = await openai.responses.create(ask);
      await expect
        .poll(async () => {
          const { data, response } = await openai.responses.create(ask).withResponse();
          expect(data).toEqual(first);
          return response.headers.get(HEADER.edge);
        })
        .toBe('hit');
      const replayed = await openai.responses.stream(ask).finalResponse();
      expect(replayed).toMatchObject({ id: first.id, output_text: first.output_text, usage: first.usage });
      expect(calls()).toBe(1);
    });

    it('streams as the provider does, and calls tools', async () => {
      const call = { id: 'fc', type: 'function_call', call_id: 'c', name: 'weather', arguments: '{"city":"Bonn"}' };
      const gate = Promise.withResolvers<void>();
      const [first, ...rest] = responseStream(responseBody('', { output: [call] })).steps;
      upstream.respondWith({ kind: 'stream', steps: [first ?? '', { wait: gate.promise }, ...rest] });
      const events = (await openai.responses.create({ ...newAsk(), stream: true }))[Symbol.asyncIterator]();
      // The second event is not written before the first one has arrived: nothing on the way collects.
      expect((await events.next()).value?.type).toBe('response.created');
      gate.resolve();
      const types: unknown[] = [];
      for (let next = await events.next(); next.done !== true; next = await events.next()) types.push(next.value.type);
      expect(types).toContain('response.function_call_arguments.done');
      expect(types.at(-1)).toBe('response.completed');
    });

    it('is asked anew where the provider is to keep the response', async () => {
      const ask = { ...newAsk(), store: true };
      for (const _ of [1, 2]) await openai.responses.create(ask);
      expect(calls()).toBe(2);
    });

    it('raises its own error classes', async () => {
      upstream.respondWith(errorAnswer(400, 'no such thing'));
      await expect(openai.responses.create(newAsk())).rejects.toBeInstanceOf(OpenAI.BadRequestError);
      upstream.respondWith({ kind: 'refuse' });
      await expect(openai.responses.create(newAsk())).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    });
  });
}
