import { createHash } from 'node:crypto';
import { setInterval } from 'node:timers/promises';
import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  errorAnswer,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
  type RecordedRequest,
} from '@isartor/shared/testing';
import OpenAI from 'openai';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** The key of tenant `default`. */
export const KEY = 'isk-end-to-end';
const TENANTS = Array.from({ length: 50 }, (_, index) => `tenant-${index}`);

/** The settings that a stack under this test is started with, beside its provider's URL. */
export const ACCEPTANCE_SETTINGS = {
  ISARTOR__GATEWAY_API_KEY: KEY,
  ISARTOR__CACHE_MODE: 'exact',
  ISARTOR__AUTH__KEYS: JSON.stringify(
    TENANTS.map((tenant) => ({
      tenant,
      name: 'test',
      sha256: createHash('sha256').update(`key-of-${tenant}`).digest('hex'),
    })),
  ),
} as const;

/** A whole stack that runs. */
export interface AcceptanceSubject {
  /** Where its edge is reached, without a path. */
  readonly edge: string;
  /** The provider that it was given. */
  readonly upstream: FakeUpstream;
}

/** Who keeps what was answered: the edge, or where it has no cache of its own (a bare workerd without Redis) the core. */
export type CacheSite = 'edge' | 'core';

/**
 * What every way to run Isartor is held to, through its edge and with the official client.
 * @param subject the stack, once it runs
 */
export function describeAcceptance(subject: () => AcceptanceSubject, cacheSite: CacheSite): void {
  let upstream: FakeUpstream;
  let edge: string;
  let openai: OpenAI;
  let questions = 0;

  beforeAll(() => {
    ({ edge, upstream } = subject());
    openai = new OpenAI({ baseURL: `${edge}/v1`, apiKey: KEY, maxRetries: 0 });
  });
  beforeEach(() => upstream.respondWith(wellBehaved));

  /** A request that nobody has made before. */
  function newAsk(): { model: string; messages: OpenAI.ChatCompletionMessageParam[] } {
    questions += 1;
    return { model: 'gpt-4o-mini', messages: [{ role: 'user', content: `question ${questions}` }] };
  }

  describe('the official openai client through the edge', () => {
    it('chats: from the cloud first, from the cache the second time', async () => {
      const ask = newAsk();
      const first = await openai.chat.completions.create(ask);
      const again = async (): Promise<string | null> => {
        const { data, response } = await openai.chat.completions.create(ask).withResponse();
        expect(data).toEqual(first);
        expect(response.headers.get(HEADER.layer)).toBe('l1a');
        expect(response.headers.has(HEADER.stored)).toBe(false);
        expect(response.headers.has(HEADER.storedDigest)).toBe(false);
        return response.headers.get(HEADER.edge);
      };
      const seenAtEdge = cacheSite === 'edge' ? 'hit' : 'miss';
      // With Redis the Worker may remember for 5 s that there was no tenant record yet.
      await expect.poll(again, { timeout: 10_000, interval: 250 }).toBe(seenAtEdge);
    });

    it('streams as the provider does, and from the cache what a plain call gives', async () => {
      const gate = Promise.withResolvers<void>();
      const piece = (content: string) =>
        JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] });
      upstream.respondWith({ kind: 'stream', steps: [piece('one'), { wait: gate.promise }, piece('two'), '[DONE]'] });
      const stream = await openai.chat.completions.create({ ...newAsk(), stream: true });
      const parts = stream[Symbol.asyncIterator]();
      // The second event is not written before the first one has arrived: nothing on the way collects.
      expect((await parts.next()).value?.choices[0]?.delta.content).toBe('one');
      gate.resolve();
      expect((await parts.next()).value?.choices[0]?.delta.content).toBe('two');
      expect((await parts.next()).done).toBe(true);

      upstream.respondWith(wellBehaved);
      const ask = newAsk();
      const plain = await openai.chat.completions.create(ask);
      const replayed = await openai.chat.completions.stream(ask).finalChatCompletion();
      expect(replayed.choices[0]?.message.content).toBe(plain.choices[0]?.message.content);
    });

    it('calls tools', async () => {
      const message = {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
      };
      upstream.respondWith(
        jsonAnswer(chatBody('', { choices: [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }] })),
      );
      const ask = {
        ...newAsk(),
        tools: [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }],
      };
      const plain = await openai.chat.completions.create(ask);
      const replayed = await openai.chat.completions.stream(ask).finalChatCompletion();
      expect(plain.choices[0]?.message.tool_calls).toMatchObject([
        { id: 'call_1', function: { arguments: '{"city":"Bonn"}' } },
      ]);
      expect(replayed.choices[0]?.message.tool_calls).toMatchObject([
        { id: 'call_1', function: { arguments: '{"city":"Bonn"}' } },
      ]);
    });

    it('sends images and gets structured output', async () => {
      const before = upstream.requests.length;
      upstream.respondWith(jsonAnswer(chatBody('{"city":"Bonn"}')));
      const schema = {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
        additionalProperties: false,
      };
      const ask = (url: string) =>
        openai.chat.completions.parse({
          model: 'gpt-4o-mini',
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: 'where?' },
                { type: 'image_url', image_url: { url } },
              ],
            },
          ],
          response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } },
        });
      expect((await ask('data:image/png;base64,AAAA')).choices[0]?.message.parsed).toEqual({ city: 'Bonn' });
      await ask('data:image/png;base64,AAAA');
      await ask('data:image/png;base64,BBBB');
      expect(upstream.requests.length - before).toBe(2);
    });

    it('raises its own error classes', async () => {
      await expect(
        new OpenAI({ baseURL: `${edge}/v1`, apiKey: 'wrong', maxRetries: 0 }).models.list(),
      ).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
      upstream.respondWith(errorAnswer(429, 'slow down', { 'retry-after': '3' }));
      await expect(openai.chat.completions.create(newAsk())).rejects.toBeInstanceOf(OpenAI.RateLimitError);
      upstream.respondWith(errorAnswer(400, 'no such thing'));
      await expect(openai.chat.completions.create(newAsk())).rejects.toBeInstanceOf(OpenAI.BadRequestError);
      upstream.respondWith({ kind: 'refuse' });
      await expect(openai.chat.completions.create(newAsk())).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    });

    it('aborts a stream, and the provider learns of it', async () => {
      const before = upstream.requests.length;
      const piece = JSON.stringify({
        id: 'c',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content: 'one' } }],
      });
      // Through wrangler's development proxy workerd learns that a client has gone when it next writes to it.
      async function* tokens() {
        for await (const _tick of setInterval(20)) yield piece;
      }
      upstream.respondWith({ kind: 'stream', steps: tokens() });
      const stream = await openai.chat.completions.create({ ...newAsk(), stream: true });
      await stream[Symbol.asyncIterator]().next();
      stream.controller.abort();
      await (
        await upstream.request(before + 1)
      ).aborted;
    });

    it('lists models, embeds and completes', async () => {
      expect((await openai.models.list()).data.map((model) => model.id)).toContain('gpt-4o-mini');
      expect(
        (await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] })).data,
      ).toHaveLength(2);
      expect(
        (await openai.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'once' })).choices,
      ).toHaveLength(1);
    });
  });

  describe('through the edge', () => {
    it('an answer that is reported wrong is gone within 5 s, the copies of the edge too', async () => {
      const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
      const post = (path: string, body: object) =>
        fetch(`${edge}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const body = newAsk();
      const first = await (await post('/v1/chat/completions', body)).text();
      let entry: string | null = null;
      const hit = async (): Promise<string | null> => {
        const response = await post('/v1/chat/completions', body);
        entry = response.headers.get(HEADER.entry);
        expect(await response.text()).toBe(first);
        return response.headers.get(HEADER.edge);
      };
      await expect.poll(hit, { timeout: 10_000, interval: 250 }).toBe(cacheSite === 'edge' ? 'hit' : 'miss');
      upstream.respondWith((request: RecordedRequest) =>
        request.method === 'POST' ? jsonAnswer(chatBody('another answer')) : undefined,
      );
      const report = await post('/api/v1/feedback', { entry, wrong: true });
      expect([report.status, await report.json()]).toMatchObject([200, { entry, quarantined: true }]);
      const answered = async () => (await post('/v1/chat/completions', body)).text();
      await expect.poll(answered, { timeout: 10_000, interval: 250 }).toContain('another answer');
    });

    it('no answer crosses between 50 tenants that ask the same at once', async () => {
      let calls = 0;
      upstream.respondWith((request: RecordedRequest) =>
        request.method === 'POST' ? jsonAnswer(chatBody(`answer number ${(calls += 1)}`)) : undefined,
      );
      const ask = async (tenant: string, prompt: string) => {
        const response = await fetch(`${edge}/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer key-of-${tenant}`, 'content-type': 'application/json' },
          body: JSON.stringify(chatRequest(prompt)),
        });
        return { layer: response.headers.get(HEADER.layer), text: await response.text() };
      };
      const pairs = TENANTS.flatMap((tenant) => ['one', 'two', 'three'].map((prompt) => [tenant, prompt] as const));
      const first = await Promise.all(pairs.map(([tenant, prompt]) => ask(tenant, prompt)));
      const second = await Promise.all(pairs.map(([tenant, prompt]) => ask(tenant, prompt)));
      expect(new Set(first.map(({ text }) => text)).size).toBe(pairs.length);
      expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
      expect(second.every(({ layer }) => layer === 'l1a')).toBe(true);
    });
  });
}
