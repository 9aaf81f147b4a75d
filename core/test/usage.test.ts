import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { HEADER, nanoUsd } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  chatStream,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  messageBody,
  messageRequest,
  messageStream,
  type FakeUpstream,
} from '@isartor/shared/testing';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownRedis } from './support/own-redis.ts';
import { startCore, TEST_EDGE_SECRET, type RunningCore } from './support/start-core.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
const CHAT = '/v1/chat/completions';
const USAGE = '/api/v1/usage';
const ADMIN_KEY = 'admin-key-of-the-test';
const ADMIN = { authorization: `Bearer ${ADMIN_KEY}` };
const KEYS = [
  ['acme', 'web'],
  ['acme', 'batch'],
  ['umbrella', 'web'],
] as const;
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'no-price'] as const;

type Caller = (typeof KEYS)[number];
interface Row {
  readonly tenant?: string;
  readonly requests: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly spent_usd: number;
  readonly saved_usd: number;
}
interface Report {
  readonly of: string;
  readonly rows: readonly Row[];
  readonly total: Row;
}
/** What of a log line is of interest. */
interface Line {
  readonly msg: string;
  readonly tenant: string;
  readonly key: string;
  readonly layer?: string;
  readonly cache: string;
  readonly stream?: boolean;
  readonly usage?: { readonly input: number };
  readonly spentUsd?: number;
  readonly savedUsd?: number;
}

let upstream: FakeUpstream;
let lines: Line[] = [];
const cores: RunningCore[] = [];

beforeEach(async () => {
  lines = [];
  upstream = await fakeUpstream({ respond: (request) => counted(request.json()) });
});
afterEach(async () => {
  for (const core of cores.splice(0)) await core.stop();
  await upstream.close();
});
afterAll(stopRedis);

/** An answer whose token counts follow from the question, so that hardly two cost the same. */
function counted(json: unknown) {
  const { messages, model, stream } = json as { messages: unknown; model: string; stream?: boolean };
  const text = JSON.stringify(messages);
  if (text.includes('refuse')) return errorAnswer(400, 'no');
  const prompt = 1_000 + (createHash('sha256').update(text).digest()[0] ?? 0);
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: prompt % 37,
    total_tokens: prompt + (prompt % 37),
    prompt_tokens_details: { cached_tokens: prompt % 100 },
  };
  const body = chatBody('said', { model, usage });
  return stream === true ? chatStream(body, { includeUsage: true }) : jsonAnswer(body);
}

function bearer([tenant, name]: Caller) {
  return { authorization: `Bearer key-${tenant}-${name}` };
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const sink = new PassThrough();
  sink.on('data', (data: Buffer) => {
    for (const line of data.toString().trim().split('\n')) lines.push(JSON.parse(line) as Line);
  });
  const keys = KEYS.map(([tenant, name]) => ({
    tenant,
    name,
    sha256: createHash('sha256').update(`key-${tenant}-${name}`).digest('hex'),
  }));
  const core = await startCore(
    upstream.url,
    { ISARTOR__ADMIN_KEY: ADMIN_KEY, ISARTOR__AUTH__KEYS: JSON.stringify(keys), ...env },
    pino({ level: 'info' }, sink),
  );
  cores.push(core);
  return core;
}

async function pairOnRedis(): Promise<[RunningCore, RunningCore]> {
  const env = {
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: redis,
    ISARTOR__REDIS_TIMEOUT_MS: '1000',
    ISARTOR__CACHE_NAMESPACE: `usage-${cores.length}-${performance.now().toFixed(0)}`,
  };
  const pair: [RunningCore, RunningCore] = [await start(env), await start(env)];
  for (const core of pair) {
    const up = async () =>
      expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { exact_cache: { status: 'up' } } });
    await vi.waitFor(up, { timeout: 10_000 });
  }
  return pair;
}

async function report(core: RunningCore, query = '', headers: Record<string, string> = ADMIN): Promise<Report> {
  const response = await core.get(`${USAGE}${query}`, headers);
  expect(response.status).toBe(200);
  return (await response.json()) as Report;
}

/** What both cores have counted: each passes its own on when it is asked. */
async function reportOfBoth([one, other]: readonly RunningCore[], query: string): Promise<Report> {
  if (one === undefined || other === undefined) throw new TypeError('There are not two cores.');
  await report(one);
  return report(other, query);
}

interface Asked {
  readonly core: 0 | 1;
  readonly caller: Caller;
  readonly model: string;
  readonly text: string;
  readonly stream: boolean;
  readonly times: number;
  readonly store: boolean;
}

const ASKED: fc.Arbitrary<Asked> = fc.record({
  core: fc.constantFrom(0, 1),
  caller: fc.constantFrom(...KEYS),
  model: fc.constantFrom(...MODELS),
  text: fc.constantFrom('a', 'b', 'c', 'refuse'),
  stream: fc.boolean(),
  times: fc.integer({ min: 1, max: 3 }),
  store: fc.boolean(),
});

/** Asks, some of it several times at once, and gives what the headers say was spent and saved, in billionths. */
async function ask(core: RunningCore, { caller, model, text, stream, times, store }: Asked): Promise<number[]> {
  const headers = { ...bearer(caller), ...(store ? {} : { 'cache-control': 'no-store' }) };
  const one = async () => {
    const response = await core.post(CHAT, chatRequest(text, { model, stream }), headers);
    await response.text();
    const [, spent = '0', saved = '0'] =
      /^([\d.]+)(?:;saved=([\d.]+))?$/.exec(response.headers.get(HEADER.cost) ?? '0') ?? [];
    return stream && response.headers.get(HEADER.layer) === 'l3'
      ? [0, 0]
      : [nanoUsd(Number(spent)), nanoUsd(Number(saved))];
  };
  const all = await Promise.all(Array.from({ length: times }, one));
  return [sum(all, ([spent = 0]) => spent), sum(all, ([, saved = 0]) => saved)];
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

describe.skipIf(redisSkip !== undefined)(`two cores on one Redis (${redisSkip ?? 'real'})`, () => {
  it('count what their requests cost, one by one, whoever answers: the sums are equal to the last billionth', async () => {
    const pair = await pairOnRedis();
    const byLine = '?group=tenant,key,layer';
    await fc.assert(
      fc.asyncProperty(fc.array(ASKED, { minLength: 15, maxLength: 30 }), async (all) => {
        const from = lines.length;
        const before = await reportOfBoth(pair, byLine);
        const told = await Promise.all(all.map((asked) => ask(pair[asked.core], asked)));
        const after = await reportOfBoth(pair, byLine);
        const requests = lines.slice(from).filter(({ msg }) => msg === 'request');
        const isStreamed = requests.filter(({ layer, usage }) => layer === 'l3' && usage !== undefined);
        const grew = (name: keyof Omit<Row, 'tenant'>) => after.total[name] - before.total[name];
        const nano = (name: 'spentUsd' | 'savedUsd', of = requests) => sum(of, (line) => nanoUsd(line[name] ?? 0));
        // Of a stream from a model it is known at its end, when its headers are out.
        const inHeaders = requests.filter(({ layer, stream }) => layer !== 'l3' || stream !== true);

        expect(grew('requests')).toBe(sum(all, ({ times }) => times));
        expect(nanoUsd(grew('spent_usd'))).toBe(nano('spentUsd'));
        expect(nanoUsd(grew('saved_usd'))).toBe(nano('savedUsd'));
        expect(nano('savedUsd', inHeaders)).toBe(sum(told, ([, saved = 0]) => saved));
        expect(nano('spentUsd', inHeaders)).toBe(sum(told, ([spent = 0]) => spent));
        expect(isStreamed.length).toBeGreaterThan(0);
        for (const row of after.rows as readonly (Row & Record<string, string>)[]) {
          const own = lines.filter(
            (line) => line.tenant === row['tenant'] && line.key === row['key'] && line.layer === row['layer'],
          );
          expect(row.requests).toBe(own.length);
          expect(nanoUsd(row.spent_usd)).toBe(sum(own, (line) => nanoUsd(line.spentUsd ?? 0)));
          expect(nanoUsd(row.saved_usd)).toBe(sum(own, (line) => nanoUsd(line.savedUsd ?? 0)));
        }
      }),
      { numRuns: 2, seed: 9 },
    );
  });

  it('lose nothing when one of them ends', async () => {
    const [one, other] = await pairOnRedis();
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    upstream.respondWith(chatStream(chatBody('whole', { usage }), { includeUsage: true }));
    await (await one.post(CHAT, chatRequest('x', { model: 'gpt-4o', stream: true }), bearer(KEYS[0]))).text();
    cores.splice(cores.indexOf(one), 1);
    await one.stop();
    const { total, of } = await report(other);
    expect(of).toBe('redis');
    expect(total).toMatchObject({ requests: 1, input_tokens: 10, output_tokens: 5, spent_usd: 0.000_075 });
  });
});

it('what a caller leaves is paid for as far as the provider told', async () => {
  const core = await start({ ISARTOR__LLM_PROVIDER: 'anthropic' });
  const gate = Promise.withResolvers<void>();
  const { steps } = messageStream(messageBody('long'));
  upstream.respondWith({ kind: 'stream', steps: [...steps.slice(0, 3), { wait: gate.promise }] });
  const ask = messageRequest('x', { model: 'claude-haiku-4-5', stream: true });
  await (await core.post('/v1/messages', ask, bearer(KEYS[0]))).body?.cancel();
  await vi.waitFor(() => expect(core.inFlight()).toBe(0));
  gate.resolve();
  await vi.waitFor(async () => {
    const { total } = await report(core);
    expect([total.requests, total.input_tokens]).toEqual([1, 9]);
    expect(total.spent_usd).toBeGreaterThan(0);
  });
});

it.each([false, true])('who shares an answer saves what it costs, stream: %s', async (stream) => {
  const core = await start();
  const gate = Promise.withResolvers<void>();
  const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
  upstream.respondWith(async () => {
    await gate.promise;
    const body = chatBody('shared', { usage });
    return stream ? chatStream(body, { includeUsage: true }) : jsonAnswer(body);
  });
  const asked = [1, 2, 3].map(() => core.post(CHAT, chatRequest('x', { model: 'gpt-4o', stream }), bearer(KEYS[0])));
  await vi.waitFor(() => expect(core.inFlight()).toBe(3));
  gate.resolve();
  await Promise.all(asked.map(async (response) => (await response).text()));
  const { total } = await report(core);
  expect(total).toMatchObject({ requests: 3, input_tokens: 1_000, spent_usd: 0.0035, saved_usd: 0.007 });
});

describe('GET /api/v1/usage', () => {
  it('tells a caller of its own tenant alone, and the holder of the admin key of all', async () => {
    const core = await start();
    for (const caller of KEYS) await (await core.post(CHAT, chatRequest('x'), bearer(caller))).text();
    const tenants = async (query: string, headers: Record<string, string>) =>
      (await report(core, `?group=tenant${query}`, headers)).rows.map(({ tenant, requests }) => [tenant, requests]);
    expect(await tenants('', ADMIN)).toEqual([
      ['acme', 2],
      ['umbrella', 1],
    ]);
    expect(await tenants('&tenant=umbrella', ADMIN)).toEqual([['umbrella', 1]]);
    expect(await tenants('', bearer(KEYS[0]))).toEqual([['acme', 2]]);
    expect(await tenants('&tenant=acme', bearer(KEYS[1]))).toEqual([['acme', 2]]);
    const others = await core.get(`${USAGE}?tenant=umbrella`, bearer(KEYS[0]));
    expect([others.status, await others.json()]).toMatchObject([403, { error: 'admin_only' }]);
    expect((await core.get(USAGE, { authorization: 'Bearer unknown' })).status).toBe(401);
    expect((await core.get(USAGE, { authorization: '' })).status).toBe(401);
  });

  it('tells it as JSON and as CSV, in which no model is a formula', async () => {
    const core = await start({ ISARTOR__PRICES: '{"=cmd,":{"input":1000,"output":0}}' });
    upstream.respondWith(
      jsonAnswer(chatBody('x', { usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } })),
    );
    await (await core.post(CHAT, chatRequest('x', { model: '=cmd,' }), bearer(KEYS[0]))).text();
    const { rows, total } = await report(core, '?group=tenant,key,model,layer');
    const figures = { requests: 1, input_tokens: 3, output_tokens: 2, cached_tokens: 0, reasoning_tokens: 0 };
    expect(rows).toEqual([
      { tenant: 'acme', key: 'web', model: '=cmd,', layer: 'l3', ...figures, spent_usd: 0.003, saved_usd: 0 },
    ]);
    expect(total).toEqual({ ...figures, spent_usd: 0.003, saved_usd: 0 });
    const csv = await core.get(`${USAGE}?format=csv&group=model,day`, ADMIN);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const today = new Date().toISOString().slice(0, 10);
    expect((await csv.text()).split('\r\n')).toEqual([
      'day,model,requests,input_tokens,output_tokens,cached_tokens,reasoning_tokens,spent_usd,saved_usd',
      `${today},"'=cmd,",1,3,2,0,0,0.003,0`,
      '',
    ]);
  });

  it('tells of the hours that are asked for', async () => {
    const core = await start();
    await (await core.post(CHAT, chatRequest('x'), bearer(KEYS[0]))).text();
    const today = new Date().toISOString().slice(0, 10);
    const requests = async (query: string) => (await report(core, query)).total.requests;
    expect(await requests('')).toBe(1);
    expect(await requests(`?from=${today}&to=${today}`)).toBe(1);
    expect(await requests('?from=2020-01-01&to=2020-12-31')).toBe(0);
    expect(await requests('?from=2020-01-01T00:00Z')).toBe(1);
  });

  it('says what is wrong with a question', async () => {
    const core = await start();
    const wrong = [
      ['from=yesterday', 'from'],
      ['from=2026-02-30x', 'from'],
      ['from=2026-03-02&to=2026-03-01', 'from'],
      ['to=2026-03-01T12:00', 'to'],
      ['group=color', 'group'],
      ['format=xml', 'format'],
      ['tenant=No', 'tenant'],
      ['since=2026-03-01', 'since'],
      ['from=2026-03-01&from=2026-03-02', 'from'],
    ] as const;
    for (const [query, param] of wrong) {
      const response = await core.get(`${USAGE}?${query}`, ADMIN);
      expect([query, response.status, await response.json()]).toMatchObject([
        query,
        400,
        { error: 'invalid_query', message: expect.stringContaining(`\`${param}\``) },
      ]);
    }
  });
});

describe('hits that the edge tells of', () => {
  const HITS = `${USAGE}/hits`;
  const EDGE = { [HEADER.edgeAuth]: TEST_EDGE_SECRET };
  const usage = { input: 3_000, output: 300, cachedInput: 100 };
  const hit = { tenant: 'acme', key: 'web', model: 'gpt-4o', requests: 3, usage };

  it('are counted as saved, by the price list', async () => {
    const core = await start();
    const response = await core.post(HITS, { hits: [hit, { ...hit, key: 'batch', requests: 1 }] }, EDGE);
    expect([response.status, await response.json()]).toEqual([200, { counted: 2 }]);
    const { total, rows } = await report(core, '?group=key,layer');
    expect(total).toMatchObject({ requests: 4, input_tokens: 6_000, cached_tokens: 200, spent_usd: 0 });
    expect(total.saved_usd).toBeGreaterThan(0);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ layer: 'l1a', saved_usd: total.saved_usd / 2 });
  });

  it.each([
    ['without the secret of the edge', {}, { hits: [hit] }, 403, 'edge_only'],
    ['that are none', EDGE, { hits: [] }, 400, 'invalid_request'],
    ['of no number', EDGE, { hits: [{ ...hit, requests: -1 }] }, 400, 'invalid_request'],
    ['with more than is known', EDGE, { hits: [hit], more: 1 }, 400, 'invalid_request'],
  ])('%s are refused', async (_what, headers, body, status, error) => {
    const core = await start();
    const response = await core.post(HITS, body, headers);
    expect([response.status, await response.json()]).toMatchObject([status, { error }]);
    expect((await report(core)).total).toMatchObject({ requests: 0 });
  });
});
