import { GatewayError } from '@isartor/shared';
import {
  chatBody,
  chatStream,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  refusingUrl,
  type FakeAnswer,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatContext, contextOf } from '../../test/support/chat-context.ts';
import { ManualTime } from '../../test/support/manual-time.ts';
import { HttpProvider } from './adapters/http-provider.ts';
import { FallbackChain, type ChainAnswer, type FallbackChainOptions } from './fallback-chain.ts';
import type { Provider, ProviderOptions } from './provider.port.ts';

let first: FakeUpstream;
let second: FakeUpstream;
let time: ManualTime;
let opened: Provider[];

beforeEach(async () => {
  [first, second] = await Promise.all([fakeUpstream(), fakeUpstream()]);
  time = new ManualTime();
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((provider) => provider.close()));
  await Promise.all([first.close(), second.close()]);
});

function provider(name: string, url: string, options: Partial<ProviderOptions> = {}): Provider {
  const made = new HttpProvider('openai', {
    name,
    url,
    apiKey: undefined,
    defaultModel: `${name}-model`,
    asksUsage: true,
    betweenBytesMs: 60_000,
    ...options,
  });
  opened.push(made);
  return made;
}

function chain(providers: readonly Provider[], options: Partial<FallbackChainOptions> = {}): FallbackChain {
  return new FallbackChain({
    providers,
    defaultModel: 'gpt-4o-mini',
    clocks: { firstByteMs: 110_000, plainMs: 110_000, streamMs: 900_000 },
    retry: { maxCalls: 4, baseWaitMs: 250, maxWaitMs: 10_000 },
    breaker: { failures: 5, openMs: 10_000 },
    time,
    random: () => 0.5,
    ...options,
  });
}

function both(options: Partial<FallbackChainOptions> = {}): FallbackChain {
  return chain([provider('one', first.url), provider('two', second.url)], options);
}

async function textOf({ body }: ChainAnswer, limit = Number.POSITIVE_INFINITY): Promise<string> {
  if (body.kind === 'bytes') return Buffer.from(body.bytes).toString();
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const item of body.kind === 'events' ? body.events : body.parts) {
    for (const part of item instanceof Uint8Array ? [item] : item.map(({ bytes }) => bytes)) {
      parts.push(part);
      size += part.byteLength;
    }
    if (size > limit) break;
  }
  return Buffer.concat(parts).toString();
}

const GOOD = chatBody('from the second');
const goodAnswer = (stream: boolean): FakeAnswer => (stream ? chatStream(GOOD) : jsonAnswer(GOOD));
const EVENT = JSON.stringify({ choices: [{ index: 0, delta: { content: 'token' } }] });

/** What the first provider does; how often it is asked; what the waits before asking it again are. */
type Row = readonly [fault: string, answer: FakeAnswer, calls: number, waits: readonly number[]];

const AGAIN = [125];
const FAULTS: readonly Row[] = [
  ['resets the connection', { kind: 'refuse' }, 2, AGAIN],
  ['never ends its header', { kind: 'endless-header' }, 2, AGAIN],
  ...[408, 409, 429, 500, 502, 503, 529].map((status): Row => [
    `says ${status}`,
    errorAnswer(status, 'not now'),
    2,
    AGAIN,
  ]),
  ['says 429 and when', errorAnswer(429, 'not now', { 'retry-after': '7' }), 2, [7_125]],
  [
    'says 503 and until which moment',
    errorAnswer(503, 'x', { 'retry-after': 'Sun, 01 Jun 2025 12:00:03 GMT' }),
    2,
    [3_125],
  ],
  ['says 429 and a time too long', errorAnswer(429, 'not now', { 'retry-after': '11' }), 1, []],
  ['says 500 at great length', { kind: 'text', status: 500, body: 'x'.repeat(2_000_000) }, 2, AGAIN],
  ['says 200 with an error inside', jsonAnswer({ error: { message: 'overloaded' } }), 2, AGAIN],
  ...[401, 402, 403, 407, 301, 302, 307].map((status): Row => [
    `refuses us with ${status}`,
    { kind: 'json', status, body: {} },
    1,
    [],
  ]),
];

const STREAM_FAULTS: readonly Row[] = [
  ['cuts the stream before its first event', { kind: 'stream', steps: [], end: 'cut' }, 2, AGAIN],
  ['cuts the stream within its first event', { kind: 'stream', steps: [{ raw: 'data: {"ha' }], end: 'cut' }, 2, AGAIN],
  ['ends the stream within its first event', { kind: 'stream', steps: [{ raw: 'data: {"ha' }] }, 2, AGAIN],
  ['ends the stream without an event', { kind: 'stream', steps: [{ raw: ': hello\n\n' }] }, 2, AGAIN],
  ['begins the stream with an error', { kind: 'stream', steps: ['{"error":{"message":"overloaded"}}'] }, 2, AGAIN],
];

describe.each([
  ['plain', false, FAULTS],
  ['streamed', true, [...FAULTS, ...STREAM_FAULTS]],
] as const)('a %s answer comes from the second provider where the first', (_form, stream, rows) => {
  test.each(rows)('%s', async (_fault, answer, calls, waits) => {
    first.respondWith(answer);
    second.respondWith(goodAnswer(stream));
    const context = chatContext({ stream });
    const got = await both().ask(context);
    expect(got).toMatchObject({ provider: 'two', model: 'two-model', status: 200 });
    expect(await textOf(got)).toContain('from the second');
    expect([first.requests.length, second.requests.length]).toEqual([calls, 1]);
    expect(time.sleeps).toEqual(waits);
    expect(context.trail).toMatchObject({ attempts: calls + 1 });
    expect(context.trail.faults).toHaveLength(calls);
    expect(time.pending).toBe(0);
  });

  test('does not listen', async () => {
    second.respondWith(goodAnswer(stream));
    const context = chatContext({ stream });
    const got = await chain([provider('one', await refusingUrl()), provider('two', second.url)]).ask(context);
    expect(got.provider).toBe('two');
    expect(await textOf(got)).toContain('from the second');
    expect(context.trail.faults).toEqual(['l3 one: upstream_unreachable', 'l3 one: upstream_unreachable']);
  });

  test('is silent for longer than it may be', async () => {
    first.respondWith({ kind: 'stall' });
    second.respondWith(goodAnswer(stream));
    const got = chain([provider('one', first.url, { firstByteMs: 5_000 }), provider('two', second.url)]).ask(
      chatContext({ stream }),
    );
    const seen = await first.request(1);
    time.advance(5_000);
    await seen.aborted;
    expect((await got).provider).toBe('two');
    await textOf(await got);
    expect(time.pending).toBe(0);
  });
});

describe('what the first provider says goes to the client at once', () => {
  test.each([400, 404, 405, 413, 422])('where it is %d', async (status) => {
    first.respondWith(errorAnswer(status, 'as it put it'));
    const got = await both().ask(chatContext());
    expect(got).toMatchObject({ status, provider: 'one' });
    expect(await textOf(got)).toContain('as it put it');
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });

  test.each([
    ['broken JSON', '{"choices":['],
    ['a page', '<html>'],
    ['nothing', ''],
    ['an error that is null', '{"error":null,"choices":[]}'],
    ['an error further down', '{"choices":[{"error":{"message":"x"}}]}'],
    ['a list', '[{"error":1}]'],
  ])('where its 200 is %s', async (_what, body) => {
    first.respondWith({ kind: 'text', body });
    const got = await both().ask(chatContext());
    expect(got).toMatchObject({ status: 200, provider: 'one' });
    expect(await textOf(got)).toBe(body);
    expect(first.requests).toHaveLength(1);
  });

  test('where its body never ends', async () => {
    first.respondWith({ kind: 'endless-body' });
    const got = await both().ask(chatContext());
    expect(got.body.kind).toBe('parts');
    expect((await textOf(got, 3_000_000)).length).toBeGreaterThan(3_000_000);
    await (
      await first.request(1)
    ).aborted;
    expect(time.pending).toBe(0);
  });

  test('where its stream breaks after the first event: nobody else is asked', async () => {
    first.respondWith({ kind: 'stream', steps: [EVENT, { raw: 'data: {"ha' }], end: 'cut' });
    const got = await both().ask(chatContext({ stream: true }));
    await expect(textOf(got)).rejects.toThrow(GatewayError);
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
    expect(time.pending).toBe(0);
  });

  test('comments before the first event included', async () => {
    first.respondWith({ kind: 'stream', steps: [{ raw: ': thinking\n\n' }, EVENT, '[DONE]'] });
    const got = await both().ask(chatContext({ stream: true }));
    expect(await textOf(got)).toBe(`: thinking\n\ndata: ${EVENT}\n\ndata: [DONE]\n\n`);
  });
});

describe('when all have failed', () => {
  test.each([
    [429, { 'retry-after': '60' }, 1],
    [429, { 'retry-after': '1' }, 2],
    [500, {}, 2],
    [409, {}, 2],
  ] as const)('the last one’s %d, its headers and body are the answer', async (status, headers, calls) => {
    first.respondWith(errorAnswer(status, 'as it put it', headers));
    const got = await chain([provider('one', first.url)]).ask(chatContext({ stream: true }));
    expect(got).toMatchObject({ status, provider: 'one', headers });
    expect(await textOf(got)).toContain('as it put it');
    expect(first.requests).toHaveLength(calls);
  });

  test('the second one’s word is the last', async () => {
    first.respondWith(errorAnswer(500, 'first'));
    second.respondWith(errorAnswer(503, 'second'));
    const got = await both().ask(chatContext());
    expect(got).toMatchObject({ status: 503, provider: 'two' });
    expect(await textOf(got)).toContain('second');
    expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
  });

  test.each([
    ['an error inside a 200', jsonAnswer({ error: { message: 'overloaded' } }), 'upstream_error', 'overloaded'],
    ['an error text inside a 200', jsonAnswer({ error: 'overloaded' }), 'upstream_error', 'overloaded'],
    ['an error as first event', { kind: 'stream', steps: ['{"error":{"message":"full"}}'] }, 'upstream_error', 'full'],
    ['a reset connection', { kind: 'refuse' }, 'upstream_unreachable', 'could not be reached'],
    ['a refusal of our key', errorAnswer(401, 'bad key sk-1'), 'upstream_refused_us', "gateway's own credentials"],
  ] as const)('%s is an error of ours', async (_what, answer, code, message) => {
    first.respondWith(answer);
    const asked = chain([provider('one', first.url)]).ask(chatContext({ stream: true }));
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('no more calls are made than allowed, and each after the first is told', async () => {
    first.respondWith(errorAnswer(500, 'x'));
    second.respondWith(errorAnswer(500, 'x'));
    const retries: string[] = [];
    const three = [provider('one', first.url), provider('two', second.url), provider('three', first.url)];
    await chain(three, { onRetry: (name) => retries.push(name) }).ask(chatContext());
    expect(retries).toEqual(['one', 'two', 'two']);
    expect(time.sleeps).toEqual([125, 500]);
    await chain(three, { retry: { maxCalls: 1, baseWaitMs: 0, maxWaitMs: 0 } }).ask(chatContext());
    expect(first.requests.length + second.requests.length).toBe(5);
  });
});

describe('time', () => {
  test('for the first byte is one for all calls: past it 504, and nobody else is asked', async () => {
    first.respondWith(errorAnswer(503, 'x', { 'retry-after': '9' }));
    const asked = both().ask(chatContext({ stream: true }));
    await first.request(1);
    first.respondWith({ kind: 'stall' });
    await first.request(2);
    time.advance(110_000 - 9_125 - 1);
    expect(time.pending).toBeGreaterThan(0);
    time.advance(1);
    await expect(asked).rejects.toMatchObject({ code: 'upstream_timeout', status: 504 });
    expect(second.requests).toHaveLength(0);
    expect(time.pending).toBe(0);
  });

  test('for the first byte of a stream runs until its first event is whole', async () => {
    first.respondWith({ kind: 'stream', steps: [{ raw: ': ping\n\n' }, { wait: new Promise(() => undefined) }] });
    const asked = chain([provider('one', first.url)]).ask(chatContext({ stream: true }));
    await first.request(1);
    time.advance(110_000);
    await expect(asked).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  test('for a stream goes on after that, up to its own bound', async () => {
    first.respondWith({ kind: 'stream', steps: [EVENT, { wait: new Promise(() => undefined) }] });
    const got = await chain([provider('one', first.url)]).ask(chatContext({ stream: true }));
    const text = textOf(got);
    time.advance(899_999);
    expect(time.pending).toBe(1);
    time.advance(1);
    await expect(text).rejects.toMatchObject({ code: 'upstream_timeout' });
  });
});

describe('a client that leaves', () => {
  test('ends the call, and nobody else is asked', async () => {
    first.respondWith({ kind: 'stall' });
    const client = new AbortController();
    const asked = both().ask(chatContext({}, client.signal));
    const seen = await first.request(1);
    client.abort(new GatewayError('internal', 'The client left.'));
    await expect(asked).rejects.toThrow('The client left.');
    await seen.aborted;
    expect(second.requests).toHaveLength(0);
    expect(time.pending).toBe(0);
  });

  test('ends the wait before a retry', async () => {
    first.respondWith(errorAnswer(503, 'x'));
    const client = new AbortController();
    time.sleep = (_ms, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('asleep no more')));
        client.abort();
      });
    await expect(both().ask(chatContext({}, client.signal))).rejects.toThrow('asleep no more');
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });

  test('says nothing about the provider', async () => {
    const states: string[] = [];
    const chained = both({
      breaker: { failures: 1, openMs: 1 },
      onBreakerChange: (_name, state) => states.push(state),
    });
    first.respondWith({ kind: 'stall' });
    const client = new AbortController();
    const asked = chained.ask(chatContext({}, client.signal));
    await first.request(1);
    client.abort();
    await expect(asked).rejects.toThrow();
    expect(states).toEqual([]);
  });

  test('before the stream is read ends the provider’s call too', async () => {
    first.respondWith({ kind: 'stream', steps: [EVENT, { wait: new Promise(() => undefined) }] });
    const { body } = await both().ask(chatContext({ stream: true }));
    if (body.kind !== 'events') throw new TypeError('a stream was expected');
    await body.events[Symbol.asyncIterator]().return?.();
    await (
      await first.request(1)
    ).aborted;
    expect(time.pending).toBe(0);
  });
});

describe('a provider that keeps failing', () => {
  const states: string[] = [];
  const options = {
    breaker: { failures: 5, openMs: 10_000 },
    onBreakerChange: (name: string, state: string) => states.push(`${name} ${state}`),
  };
  beforeEach(() => {
    states.length = 0;
  });

  test('is passed over for a while, then tried once, and taken back when it answers', async () => {
    first.respondWith(errorAnswer(500, 'x'));
    second.respondWith(jsonAnswer(GOOD));
    const chained = both(options);
    for (let request = 0; request < 4; request += 1) await chained.ask(chatContext());
    expect(states).toEqual(['one open']);
    // Two calls for each of the first two requests, the fifth failure in the third, none in the fourth.
    expect(first.requests).toHaveLength(5);
    time.advance(10_000);
    await chained.ask(chatContext());
    expect(first.requests).toHaveLength(6);
    time.advance(10_000);
    first.respondWith(jsonAnswer(chatBody('well again')));
    expect((await chained.ask(chatContext())).provider).toBe('one');
    expect(states).toEqual(['one open', 'one half-open', 'one open', 'one half-open', 'one closed']);
  });

  test('is tried by the next request when the client of the first trial leaves', async () => {
    first.respondWith(errorAnswer(500, 'x'));
    second.respondWith(jsonAnswer(GOOD));
    const chained = both({ ...options, breaker: { failures: 1, openMs: 10_000 } });
    await chained.ask(chatContext());
    time.advance(10_000);
    first.respondWith({ kind: 'stall' });
    const client = new AbortController();
    const trial = chained.ask(chatContext({}, client.signal));
    await first.request(2);
    expect((await chained.ask(chatContext())).provider).toBe('two');
    client.abort();
    await expect(trial).rejects.toThrow();
    first.respondWith(jsonAnswer(GOOD));
    expect((await chained.ask(chatContext())).provider).toBe('one');
    expect(states).toEqual(['one open', 'one half-open', 'one open', 'one half-open', 'one closed']);
  });

  test('is asked all the same when all keep failing: the one that has been open the longest, once', async () => {
    const chained = both({ ...options, breaker: { failures: 1, openMs: 10_000 } });
    first.respondWith(errorAnswer(500, 'x'));
    second.respondWith(errorAnswer(500, 'x'));
    await chained.ask(chatContext());
    time.advance(1);
    expect((await chained.ask(chatContext())).provider).toBe('one');
    time.advance(1);
    expect((await chained.ask(chatContext())).provider).toBe('two');
    expect([first.requests.length, second.requests.length]).toEqual([2, 2]);
  });

  test.each([400, 404, 408, 409])('is not one that says %d', async (status) => {
    first.respondWith(errorAnswer(status, 'x'));
    const chained = chain([provider('one', first.url)], { ...options, breaker: { failures: 1, openMs: 1 } });
    await chained.ask(chatContext());
    expect(states).toEqual([]);
  });
});

describe('the model', () => {
  test.each([
    [undefined, 'one-model', 'two-model'],
    ['isartor/auto', 'one-model', 'two-model'],
    ['gpt-4o-mini', 'one-model', 'two-model'],
    ['gpt-4o', 'gpt-4o', 'gpt-4o'],
  ])('asked for as %s is %s at the first provider and %s at the second', async (asked, atFirst, atSecond) => {
    first.respondWith(errorAnswer(401, 'x'));
    second.respondWith(chatStream(GOOD));
    const messages = [{ role: 'user', content: 'Hello' }];
    const named = asked === undefined ? {} : { model: asked };
    const got = await both().ask(contextOf({ messages, stream: true, ...named }));
    expect(got).toMatchObject({ model: atSecond, addedUsage: true });
    expect(first.requests[0]?.json()).toMatchObject({ model: atFirst, stream_options: { include_usage: true } });
    expect(second.requests[0]?.json()).toMatchObject({ model: atSecond, stream_options: { include_usage: true } });
    await textOf(got);
  });
});
