import { setTimeout as pause } from 'node:timers/promises';
import { HEADER, type JsonObject } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ExactCacheStore } from '../src/l1a-exact-cache/exact-cache-store.port.ts';
import type { MemoryVectorIndex } from '../src/l1b-semantic-cache/adapters/memory-vector-index.ts';
import { VectorIndex } from '../src/l1b-semantic-cache/vector-index.port.ts';
import type { Logger } from '../src/telemetry/log.ts';
import { referenceModel } from './support/reference-model.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const MINILM = referenceModel('all-MiniLM-L6-v2');
const CHAT = '/v1/chat/completions';
const ASKED = 'How do I reset a password?';
const PARAPHRASE = 'How can I reset a password?';

let upstream: FakeUpstream;
let core: RunningCore;

async function start(env: Readonly<Record<string, string>>, log?: Logger): Promise<void> {
  const settings = {
    ISARTOR__SEMANTIC_CACHE__MODEL_DIR: MINILM ?? '',
    ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
    ...env,
  };
  core = await startCore(upstream.url, settings, log);
}

/** Asks within a session, of which each test has its own: nothing that another one taught the core is found. */
function ask(session: string, body: JsonObject, headers: Record<string, string> = {}): Promise<Response> {
  return core.post(CHAT, body, { [HEADER.sessionId]: session, ...headers });
}

/** Asks, and waits until the question can be found. */
async function learn(body: JsonObject, session: string): Promise<void> {
  const index: MemoryVectorIndex = core.app.get(VectorIndex, { strict: false });
  const before = index.size;
  await vi.waitFor(
    async () => {
      // A model that is still loading leaves a first question out: it is asked again, past the exact cache.
      await (await ask(session, body, { 'cache-control': 'no-cache' })).text();
      expect(index.size).toBeGreaterThan(before);
    },
    { timeout: 15_000, interval: 100 },
  );
}

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});
afterAll(async () => {
  await upstream.close();
});

describe.skipIf(MINILM === undefined)('a semantic cache that serves', () => {
  beforeAll(() => start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve', ISARTOR__SIMILARITY_THRESHOLD: '0.8' }));
  afterAll(() => core.stop());

  test('answers a paraphrase from L1b, and the second time from L1a', async () => {
    await learn(chatRequest(ASKED), 'twice');
    const calls = upstream.requests.length;
    const first = await ask('twice', chatRequest(PARAPHRASE));
    expect(layerOf(first)).toBe('l1b');
    expect(first.headers.get(HEADER.semantic)).toBe('hit');
    expect(first.headers.get(HEADER.deflected)).toBe('true');
    expect(Number(first.headers.get(HEADER.similarity))).toBeGreaterThan(0.95);
    const source = (await ask('twice', chatRequest(ASKED))).headers.get(HEADER.entry);
    expect(first.headers.get(HEADER.entry)).toBe(source);
    const text = await first.text();
    expect(text).toContain(`Answer to: ${ASKED}`);
    const second = await ask('twice', chatRequest(PARAPHRASE));
    expect(layerOf(second)).toBe('l1a');
    expect(await second.text()).toBe(text);
    expect(upstream.requests).toHaveLength(calls);
  });

  test('answers a stream with the events of the same answer', async () => {
    await learn(chatRequest(ASKED), 'stream');
    const response = await ask('stream', chatRequest(PARAPHRASE, { stream: true }));
    expect(layerOf(response)).toBe('l1b');
    const text = await response.text();
    expect(text).toMatch(/^data: \{/);
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  test.each<[string, JsonObject, Record<string, string>, string | null]>([
    ['another question that is near', chatRequest('How do I not reset a password?'), {}, 'guarded:negation'],
    [
      'a text that has the same tokens and is written otherwise',
      chatRequest(ASKED.toLowerCase()),
      {},
      'guarded:indistinct',
    ],
    ['a question far off', chatRequest('What do pandas eat?'), {}, 'below-threshold'],
    ['another model', chatRequest(PARAPHRASE, { model: 'gpt-4o' }), {}, 'below-threshold'],
    ['another user', chatRequest(PARAPHRASE, { user: 'u' }), {}, 'below-threshold'],
    ['a question of the day', chatRequest('What is the weather?'), {}, 'ineligible:volatile'],
    ['one of the day in another language', chatRequest('Wie ist das Wetter heute?'), {}, 'ineligible:language'],
    ['a request that bypasses it', chatRequest(PARAPHRASE), { [HEADER.bypass]: 'l1b' }, null],
    ['a request that wants no cache', chatRequest(PARAPHRASE), { 'cache-control': 'no-cache' }, null],
  ])('goes on to L3 for %s', async (what, body, headers, semantic) => {
    const session = what.replaceAll(' ', '-');
    await learn(chatRequest(ASKED), session);
    const response = await ask(session, body, headers);
    expect([layerOf(response), response.headers.get(HEADER.semantic)]).toEqual(['l3', semantic]);
  });

  test('tells of a near miss how near it was, and of a question with nothing beside it nothing', async () => {
    await learn(chatRequest(ASKED), 'near');
    const near = await ask('near', chatRequest('How do I not reset a password?'));
    expect(Number(near.headers.get(HEADER.similarity))).toBeGreaterThan(0.8);
    const alone = await ask('alone', chatRequest(PARAPHRASE));
    expect([alone.headers.get(HEADER.semantic), alone.headers.get(HEADER.similarity)]).toEqual([
      'below-threshold',
      null,
    ]);
  });
});

describe('what makes a question volatile', () => {
  const DAILY = 'Where is the museum of tomorrow?';
  const DAILY_PARAPHRASE = 'Where is the Museum of Tomorrow located?';
  const volatile = (word: string) => ({ [HEADER.volatile]: word });
  const size = (): number => core.app.get<MemoryVectorIndex>(VectorIndex, { strict: false }).size;
  const told = (response: Response) => [layerOf(response), response.headers.get(HEADER.semantic)];
  beforeAll(() =>
    start({
      ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
      ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin',
      ISARTOR__SEMANTIC_CACHE__VOLATILE: 'default, soup of the day',
    }),
  );
  afterAll(() => core.stop());

  test('is what the operator says, beside the built-in words', async () => {
    expect(told(await ask('own', chatRequest('What is the Soup of the  day?')))).toEqual(['l3', 'ineligible:volatile']);
    expect(told(await ask('own', chatRequest(DAILY)))).toEqual(['l3', 'ineligible:volatile']);
  });

  test('is what the caller says: then it is neither looked up, nor learnt, nor given the copy of another answer', async () => {
    await learn(chatRequest(ASKED), 'true');
    const before = size();
    expect(told(await ask('true', chatRequest(PARAPHRASE), volatile('true')))).toEqual(['l3', 'ineligible:volatile']);
    expect(told(await ask('true', chatRequest('How do plants grow?'), volatile('true')))[0]).toBe('l3');
    await vi.waitFor(async () =>
      expect(layerOf(await ask('true', chatRequest('How do plants grow?'), volatile('true')))).toBe('l1a'),
    );
    expect(size()).toBe(before);

    await learn(chatRequest(ASKED), 'copy');
    expect(layerOf(await ask('copy', chatRequest(PARAPHRASE)))).toBe('l1b');
    await vi.waitFor(async () => expect(layerOf(await ask('copy', chatRequest(PARAPHRASE)))).toBe('l1a'));
    expect(layerOf(await ask('copy', chatRequest(PARAPHRASE), volatile('true')))).toBe('l3');
  });

  test('is nothing where the caller says so; the other rules stand, and no provider is told', async () => {
    const said = volatile('false');
    await vi.waitFor(
      async () => {
        await (await ask('false', chatRequest(DAILY), { ...said, 'cache-control': 'no-cache' })).text();
        expect(told(await ask('false', chatRequest(DAILY_PARAPHRASE), { ...said }))[1]).not.toBe('ineligible:volatile');
        expect(layerOf(await ask('false', chatRequest('Where is the museum of tomorrow '), said))).toBe('l1b');
      },
      { timeout: 15_000, interval: 100 },
    );
    expect(told(await ask('false', chatRequest('What is my balance?'), said))[1]).toBe('ineligible:personal');
    for (const { headers } of upstream.requests) expect(headers).not.toHaveProperty(HEADER.volatile);
  });

  test('is not in the key of the exact cache', async () => {
    await (await ask('key', chatRequest('What do pandas eat?'))).text();
    await vi.waitFor(async () =>
      expect(layerOf(await ask('key', chatRequest('What do pandas eat?'), volatile('true')))).toBe('l1a'),
    );
  });

  test('is refused where it is neither true nor false', async () => {
    const response = await ask('wrong', chatRequest(ASKED), volatile('maybe'));
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_header' } }]);
  });
});

describe('a stored answer', () => {
  const lines: string[] = [];
  beforeAll(() => {
    const log = pino({ level: 'info' }, { write: (line) => lines.push(line) });
    return start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve', ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin' }, log);
  });
  afterAll(() => core.stop());

  test('is named to all who ask for one paraphrase at a time', async () => {
    await learn(chatRequest(ASKED), 'together');
    const source = (await ask('together', chatRequest(ASKED))).headers.get(HEADER.entry);
    const store: ExactCacheStore = core.app.get(ExactCacheStore, { strict: false });
    const read = store.read.bind(store);
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    const spy = vi.spyOn(store, 'read').mockImplementation(async (tenant, digest) => {
      // The first waits in the semantic cache until the second has looked for an exact answer.
      if (digest === source) await both.promise;
      else if (digest !== undefined && (arrived += 1) === 2) setImmediate(both.resolve);
      return read(tenant, digest);
    });
    const answers = await Promise.all([1, 2].map(() => ask('together', chatRequest(PARAPHRASE))));
    expect(answers.map(layerOf)).toEqual(['l1b', 'l1b']);
    expect(answers.map(({ headers }) => headers.get(HEADER.cache)).toSorted()).toEqual([
      'coalesced',
      'miss;why=absent',
    ]);
    expect(answers.map(({ headers }) => headers.get(HEADER.entry))).toEqual([source, source]);
    spy.mockRestore();
  });

  test('that is damaged is answered anew by either cache, and nothing of it is in the log', async () => {
    await learn(chatRequest(ASKED), 'damaged');
    const digest = (await ask('damaged', chatRequest(ASKED))).headers.get(HEADER.entry) ?? '';
    const store: ExactCacheStore = core.app.get(ExactCacheStore, { strict: false });
    const { entry } = await store.read('default', digest);
    if (entry === undefined) throw new Error('nothing is stored');
    await store.write(digest, { meta: entry.meta, body: Buffer.from('My SSN is 078-05-1120.') });
    lines.length = 0;

    for (const text of [PARAPHRASE, ASKED]) {
      const answer = await ask('damaged', chatRequest(text, { stream: true }));
      expect(await answer.text()).toContain('Answer to: ');
    }
    await vi.waitFor(() => expect(lines.join('')).toContain('l1b read: SyntaxError'));
    await vi.waitFor(() => expect(lines.join('')).toContain('l1a read: SyntaxError'));
    expect(lines.join('')).not.toContain('SSN');
  });
});

describe.skipIf(MINILM === undefined)('a semantic cache in the shadow', () => {
  afterEach(() => core.stop());

  test('answers nothing and says nothing', async () => {
    await start({ ISARTOR__SEMANTIC_CACHE__MODE: 'shadow' });
    await learn(chatRequest(ASKED), 's');
    const response = await ask('s', chatRequest(PARAPHRASE));
    expect([layerOf(response), response.headers.get(HEADER.semantic)]).toEqual(['l3', null]);
  });
});

describe.skipIf(MINILM === undefined)('the settings of the semantic cache', () => {
  afterEach(() => core.stop());

  test('mode serve lets it answer, and /readyz tells its parts', async () => {
    await start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve' });
    await learn(chatRequest(ASKED), 's');
    expect(layerOf(await ask('s', chatRequest(PARAPHRASE)))).toBe('l1b');
    expect(await (await core.get('/readyz')).json()).toMatchObject({
      checks: {
        semantic_cache: { status: 'up', mode: 'serve', embedder: { status: 'up' }, index: { status: 'up' } },
      },
    });
  });

  test('cache_mode semantic answers a paraphrase, and nothing from the exact cache', async () => {
    await start({ ISARTOR__CACHE_MODE: 'semantic', ISARTOR__SEMANTIC_CACHE__MODE: 'serve' });
    await learn(chatRequest(ASKED), 's');
    expect(layerOf(await ask('s', chatRequest(PARAPHRASE)))).toBe('l1b');
    expect(layerOf(await ask('s', chatRequest(ASKED)))).toBe('l3');
  });

  test('where users share exact answers, a paraphrase of one user answers no other', async () => {
    await start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve', ISARTOR__CACHE_SHARE_USERS: 'true' });
    await learn(chatRequest(ASKED, { user: 'a' }), 's');
    expect(layerOf(await ask('s', chatRequest(PARAPHRASE, { user: 'a' })))).toBe('l1b');
    expect(layerOf(await ask('s', chatRequest(PARAPHRASE, { user: 'b' })))).toBe('l3');
  });

  test.each(['exact', 'off'])('cache_mode %s leaves it out', async (mode) => {
    await start({ ISARTOR__CACHE_MODE: mode });
    expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { semantic_cache: { status: 'off' } } });
    const response = await ask('s', chatRequest(ASKED));
    expect(response.headers.get(HEADER.semantic)).toBeNull();
  });
});

describe('the built-in model', () => {
  afterEach(() => core.stop());

  const semantic = async (): Promise<unknown> => {
    const report = (await (await core.get('/readyz')).json()) as { checks: { semantic_cache: unknown } };
    return report.checks.semantic_cache;
  };
  const isUp = (): Promise<void> =>
    vi.waitFor(async () => expect(await semantic()).toMatchObject({ status: 'up' }), { timeout: 15_000, interval: 50 });

  test('answers a paraphrase where nothing but serving is asked for', async () => {
    await start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve', ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin' });
    await isUp();
    expect(await semantic()).toMatchObject({ embedder: { detail: expect.stringMatching(/^builtin\/model\.onnx@/) } });
    await learn(chatRequest(ASKED), 's');
    expect(layerOf(await ask('s', chatRequest(PARAPHRASE)))).toBe('l1b');
    expect((await ask('s', chatRequest('How do I not reset a password?'))).headers.get(HEADER.semantic)).toBe(
      'guarded:negation',
    );
  });

  test('is loaded in the shadow by the first question that can be looked up, and not before', async () => {
    await start({ ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin' });
    await (await ask('s', chatRequest('What is the weather?'))).text();
    await pause(50);
    expect(await semantic()).toMatchObject({ status: 'idle', mode: 'shadow' });
    await learn(chatRequest(ASKED), 's');
    expect(await semantic()).toMatchObject({ status: 'up' });
  });
});

describe('without a model', () => {
  afterEach(() => core.stop());

  test('a core that should serve goes on, and says that L1b is not available', async () => {
    await start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve', ISARTOR__SEMANTIC_CACHE__MODEL_DIR: '/nowhere' });
    const response = await ask('s', chatRequest(ASKED));
    expect([response.status, layerOf(response)]).toEqual([200, 'l3']);
    expect(response.headers.get(HEADER.semantic)).toBe('unavailable');
    const report = await (await core.get('/readyz')).json();
    expect(report).toMatchObject({ status: 'ready', checks: { semantic_cache: { status: 'down' } } });
  });
});
