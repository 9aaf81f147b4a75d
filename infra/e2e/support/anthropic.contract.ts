import { setInterval } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { HEADER } from '@isartor/shared';
import {
  jsonAnswer,
  messageBody,
  messageError,
  messageStream,
  namedSteps,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KEY, type AcceptanceSubject } from './acceptance.contract.ts';

/**
 * What a stack with a provider of Anthropic's API is held to, through its edge and with the official client.
 * @param subject the stack, once it runs
 */
export function describeAnthropic(subject: () => AcceptanceSubject): void {
  let upstream: FakeUpstream;
  let anthropic: Anthropic;
  let questions = 0;
  let asked = 0;

  beforeAll(() => {
    let edge: string;
    ({ edge, upstream } = subject());
    anthropic = new Anthropic({ baseURL: edge, apiKey: KEY, maxRetries: 0 });
  });
  beforeEach(() => {
    upstream.respondWith(wellBehaved);
    asked = upstream.requests.length;
  });

  /** A request that nobody has made before. */
  function newAsk(): { model: string; max_tokens: number; messages: Anthropic.MessageParam[] } {
    questions += 1;
    return { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user', content: `message ${questions}` }] };
  }
  const calls = (): number => upstream.requests.length - asked;

  describe('the official @anthropic-ai/sdk client through the edge', () => {
    it("gets a message: from the cloud first, from the edge's cache the second time, streamed alike", async () => {
      const ask = newAsk();
      const first = await anthropic.messages.create(ask);
      await expect
        .poll(async () => {
          const { data, response } = await anthropic.messages.create(ask).withResponse();
          expect(data).toEqual(first);
          expect(response.headers.get(HEADER.layer)).toBe('l1a');
          return response.headers.get(HEADER.edge);
        })
        .toBe('hit');
      const replayed = await anthropic.messages.stream(ask).finalMessage();
      expect(replayed).toMatchObject({ content: first.content, usage: first.usage, stop_reason: 'end_turn' });
      expect(calls()).toBe(1);
    });

    it('streams as the provider does', async () => {
      const gate = Promise.withResolvers<void>();
      const [first, ...rest] = messageStream(messageBody('one')).steps;
      upstream.respondWith({ kind: 'stream', steps: [first ?? '', { wait: gate.promise }, ...rest] });
      const events = (await anthropic.messages.create({ ...newAsk(), stream: true }))[Symbol.asyncIterator]();
      // The second event is not written before the first one has arrived: nothing on the way collects.
      expect((await events.next()).value?.type).toBe('message_start');
      gate.resolve();
      expect((await events.next()).value?.type).toBe('content_block_start');
    });

    it('calls tools in a loop of two turns, with the signature of the thought between', async () => {
      const thought = { type: 'thinking', thinking: 'Bonn.', signature: 'EqQB' } as const;
      const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bonn' } } as const;
      upstream.respondWith(messageStream(messageBody('', { content: [thought, call], stop_reason: 'tool_use' })));
      const tools: Anthropic.Tool[] = [{ name: 'weather', input_schema: { type: 'object' } }];
      const ask = { ...newAsk(), tools };
      const turn = await anthropic.messages.stream(ask).finalMessage();
      expect(turn.content).toEqual([thought, call]);
      expect((await anthropic.messages.create(ask)).content).toEqual([thought, call]);
      expect(calls()).toBe(1);
      for (const content of ['sunny', 'rain', 'sunny']) {
        upstream.respondWith(jsonAnswer(messageBody(`It is ${content}.`)));
        const result = { type: 'tool_result' as const, tool_use_id: 'toolu_1', content };
        const messages: Anthropic.MessageParam[] = [
          ...ask.messages,
          { role: 'assistant', content: turn.content },
          { role: 'user', content: [result] },
        ];
        const answer = await anthropic.messages.create({ ...ask, messages });
        expect(answer.content).toMatchObject([{ text: `It is ${content}.` }]);
      }
      expect(upstream.requests.at(-1)?.json()).toMatchObject({ messages: [{}, { content: [thought, call] }, {}] });
      expect(calls()).toBe(3);
    });

    it('keeps apart what differs in one image or in its betas, and the count from the message', async () => {
      const ask = newAsk();
      for (const data of ['AAAA', 'BBBB']) {
        const image = {
          type: 'image' as const,
          source: { type: 'base64' as const, media_type: 'image/png' as const, data },
        };
        await anthropic.messages.create({ ...ask, messages: [{ role: 'user', content: [image] }] });
      }
      for (const betas of [['one-1'], ['two-2']]) await anthropic.beta.messages.create({ ...ask, betas });
      const { max_tokens: _, ...countable } = ask;
      expect((await anthropic.messages.countTokens(countable)).input_tokens).toBeGreaterThan(0);
      await anthropic.messages.create(ask);
      expect(calls()).toBe(6);
    });

    it('raises its own error classes', async () => {
      const { baseURL } = anthropic;
      const stranger = new Anthropic({ baseURL, apiKey: 'wrong', maxRetries: 0 });
      await expect(stranger.messages.create(newAsk())).rejects.toMatchObject({
        status: 401,
        error: { type: 'error', error: { type: 'authentication_error' } },
      });
      upstream.respondWith(messageError(429, 'rate_limit_error', 'slow down', { 'retry-after': '3' }));
      await expect(anthropic.messages.create(newAsk())).rejects.toBeInstanceOf(Anthropic.RateLimitError);
      upstream.respondWith(messageError(400, 'invalid_request_error', 'no such thing'));
      await expect(anthropic.messages.create(newAsk())).rejects.toBeInstanceOf(Anthropic.BadRequestError);
      upstream.respondWith({ kind: 'refuse' });
      await expect(anthropic.messages.create(newAsk())).rejects.toMatchObject({
        status: 502,
        error: { error: { type: 'api_error' } },
      });
    });

    it('aborts a stream, and the provider learns of it', async () => {
      const ping = namedSteps([{ event: 'ping', data: '{"type":"ping"}' }]);
      // Through wrangler's development proxy workerd learns that a client has gone when it next writes to it.
      async function* pings() {
        yield* messageStream(messageBody('one')).steps.slice(0, 3);
        for await (const _tick of setInterval(20)) yield* ping;
      }
      upstream.respondWith({ kind: 'stream', steps: pings() });
      const stream = await anthropic.messages.create({ ...newAsk(), stream: true });
      await stream[Symbol.asyncIterator]().next();
      stream.controller.abort();
      await (
        await upstream.request(asked + 1)
      ).aborted;
    });
  });
}
