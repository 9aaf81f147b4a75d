import { GatewayError, isJsonArray, isJsonObject, parseJson, type JsonObject } from '@isartor/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../upstream/transport/read-text.ts';
import type { UpstreamReply } from '../upstream/upstream.port.ts';
import type { ModelBackend } from './model-backend.port.ts';
import { sayingOf } from './read-said.ts';

/** A backend under test, and what its server is made to do. */
export interface ModelBackendSubject {
  readonly backend: ModelBackend;
  /** From now on a prompt of thousands of tokens is more than it takes. */
  readonly overflow: () => void;
  /** From now on an answer of thousands of tokens takes for ever, or seconds. */
  readonly slow: () => void;
  /** Ends what is not the backend's. */
  readonly stop: () => Promise<void>;
}

const TOKENS = 8;
const WITHIN_MS = 10_000;

/** What every backend keeps; `make` gives one that is ready, or one whose server loads still. */
export function modelBackendContract(
  name: string,
  make: (state: 'ready' | 'loading') => Promise<ModelBackendSubject>,
): void {
  describe(`${name} as a model backend`, () => {
    let subject: ModelBackendSubject;
    let model: string;
    beforeAll(async () => {
      subject = await make('ready');
      model = (await subject.backend.servedModels(soon()))[0]?.name ?? '';
    });
    afterAll(() => end(subject));

    const ask = (members: JsonObject = {}, signal = soon()): Promise<UpstreamReply> =>
      subject.backend.call({
        operation: 'openai.chat',
        model,
        body: new TextEncoder().encode(JSON.stringify({ ...question('Once'), model, max_tokens: TOKENS, ...members })),
        query: '',
        headers: [],
        stream: members['stream'] === true,
        requestId: 'contract',
        signal,
      });

    it('is ready, and says what it serves and how much it has to do', async () => {
      const { backend } = subject;
      expect(await backend.health(soon())).toBe('ready');
      const [served, ...others] = await backend.servedModels(soon());
      expect(others).toEqual([]);
      expect(served?.name).not.toBe('');
      expect(served?.contextTokens ?? 1).toBeGreaterThan(0);
      expect((await backend.load(soon()))?.queued ?? 0).toBe(0);
    });

    it('loads before it is ready', async () => {
      const other = await make('loading');
      expect(await other.backend.health(soon())).toBe('loading');
      await end(other);
    });

    it('answers in one piece', async () => {
      const reply = await ask();
      expect([reply.status, reply.headers['content-type']]).toEqual([200, expect.stringContaining('application/json')]);
      const text = await readText(reply);
      expect(parseJson(text)).toMatchObject({ object: 'chat.completion', model, usage: usage() });
      const said = sayingOf(new TextEncoder().encode(text));
      expect(said?.text).not.toBe('');
      expect(['stop', 'length']).toContain(said?.finish);
    });

    it('streams the same, with its usage where it may be asked for that', async () => {
      const whole = sayingOf(new TextEncoder().encode(await readText(await ask({ temperature: 0 }))))?.text;
      const asked = subject.backend.asksUsage ? { stream_options: { include_usage: true } } : {};
      const reply = await ask({ temperature: 0, stream: true, ...asked });
      expect([reply.status, reply.headers['content-type']]).toEqual([
        200,
        expect.stringContaining('text/event-stream'),
      ]);
      const events = dataOf(await readText(reply));
      expect(events.pop()).toBe('[DONE]');
      const pieces = events.map((event) => parseJson(event)).filter(isJsonObject);
      expect(pieces.map(deltaOf).join('')).toBe(whole);
      if (subject.backend.asksUsage) expect(pieces.at(-1)).toMatchObject({ usage: usage() });
    });

    it('tells how sure it is where it says that it can', async () => {
      const { logprobs } = subject.backend;
      const said = sayingOf(new TextEncoder().encode(await readText(await ask(logprobs?.ask))));
      if (logprobs === undefined) expect(said?.logprobs ?? []).toEqual([]);
      else expect(said?.logprobs.length).toBeGreaterThan(0);
    });

    it('weighs two labels against each other', async () => {
      const weigh = (labels: readonly [string, string]) =>
        subject.backend.labelProbability(
          { model, messages: [{ role: 'user', content: 'A or B?' }], labels, requestId: 'contract' },
          soon(),
        );
      const [a = Number.NaN, b = Number.NaN] = [await weigh(['A', 'B']), await weigh(['B', 'A'])];
      expect(a).toBeGreaterThan(0);
      expect(b).toBeGreaterThan(0);
      expect(a + b).toBeCloseTo(1, 3);
    });

    it('asks nothing for whom has left, and leaves off with the reason of who leaves', async () => {
      const left = new GatewayError('upstream_timeout', 'left');
      await expect(ask({}, AbortSignal.abort(left))).rejects.toBe(left);
      const other = await make('ready');
      other.slow();
      const client = new AbortController();
      const body = new TextEncoder().encode(JSON.stringify({ ...question('Tell'), model, max_tokens: 1_500 }));
      const about = { operation: 'openai.chat', model, body, query: '', headers: [], requestId: 'slow' } as const;
      const asked = other.backend.call({ ...about, stream: false, signal: client.signal });
      setTimeout(() => client.abort(left), 20);
      await expect(asked).rejects.toBe(left);
      await end(other);
    });

    it('refuses what is beyond its context as the caller’s fault', async () => {
      subject.overflow();
      const reply = await ask(question('zq xj '.repeat(1_000)));
      expect([400, 413, 422]).toContain(reply.status);
      expect(parseJson(await readText(reply))).toHaveProperty('error');
    });

    it('answers nobody once it is closed', async () => {
      const other = await make('ready');
      await end(other);
      const body = new TextEncoder().encode(JSON.stringify({ ...question('Once'), model, max_tokens: TOKENS }));
      const about = { operation: 'openai.chat', model, body, query: '', headers: [], requestId: 'late' } as const;
      const asked = other.backend.call({ ...about, stream: false, signal: soon() });
      await expect(asked).rejects.toMatchObject({ code: 'upstream_unreachable' });
    });
  });
}

async function end({ backend, stop }: ModelBackendSubject): Promise<void> {
  await backend.close();
  await stop();
}

function question(content: string): JsonObject {
  return { messages: [{ role: 'user', content }] };
}

function usage(): Readonly<Record<string, unknown>> {
  return { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) };
}

function soon(): AbortSignal {
  return AbortSignal.timeout(WITHIN_MS);
}

function dataOf(stream: string): string[] {
  return [...stream.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => data);
}

function deltaOf({ choices }: JsonObject): string {
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  const delta = isJsonObject(choice) ? choice['delta'] : undefined;
  const content = isJsonObject(delta) ? delta['content'] : undefined;
  return typeof content === 'string' ? content : '';
}
