import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADER, type JsonObject } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { EmbeddedBackend } from '../../src/l2-small-model/adapters/embedded/embedded-backend.ts';
import { findLlamaLibrary } from '../../src/l2-small-model/adapters/embedded/llama-library.ts';
import { modelBackendContract } from '../../src/l2-small-model/model-backend.contract.ts';
import type { UpstreamReply } from '../../src/upstream/upstream.port.ts';
import { findEmbeddedParts } from '../support/embedded-model.ts';
import { startCoreWithPool, untilPool } from '../support/small-model.ts';
import { layerOf, startCore, TEST_KEY, type RunningCore } from '../support/start-core.ts';

const CHAT = '/v1/chat/completions';
const found = await findEmbeddedParts();
const skip = 'skip' in found ? found.skip : undefined;
if (skip !== undefined) process.stderr.write(`skipped: L2 in process: ${skip}\n`);

const auto = (text: string, overrides: JsonObject = {}): JsonObject =>
  chatRequest(text, { model: 'isartor/auto', max_tokens: 24, temperature: 0, ...overrides });

test('without its package the start says in one line what to install', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'isartor-no-llama-'));
  const env = {
    ISARTOR__ROUTER_BACKEND: 'embedded',
    ISARTOR__LAYER2__EMBEDDED__MODEL_FILE: '/nowhere.gguf',
    ISARTOR__LAYER2__EMBEDDED__PACKAGE_DIR: empty,
  };
  await expect(startCore('http://127.0.0.1:1/v1', env)).rejects.toThrow(/^[^\n]*npm install node-llama-cpp$/);
});

describe.skipIf(skip !== undefined)('a real, tiny model in process', () => {
  let cloud: FakeUpstream;
  let core: RunningCore;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    if ('skip' in found) return;
    cloud = await fakeUpstream({ respond: wellBehaved });
    env = {
      ISARTOR__ROUTER_BACKEND: 'embedded',
      ISARTOR__VLLM_MODEL: 'tiny',
      ISARTOR__LAYER2__EMBEDDED__MODEL_FILE: found.weights,
      ISARTOR__LAYER2__EMBEDDED__PACKAGE_DIR: found.packageDir,
      ISARTOR__LAYER2__EMBEDDED__THREADS: '1',
    };
    core = await startCoreWithPool(cloud, env, 'up');
  });

  afterAll(async () => {
    await core?.stop();
    await cloud?.close();
  });

  it('answers plainly, the same again for the same seed, and in the native form', async () => {
    const [first, second] = [
      await core.post(CHAT, auto('Once upon a time', { temperature: 1, seed: 5 })),
      await core.post(CHAT, auto('Once upon a time', { temperature: 1, seed: 5 }), { [HEADER.bypass]: 'l1a' }),
    ];
    expect(Object.fromEntries(first.headers)).toMatchObject({
      [HEADER.layer]: 'l2',
      [HEADER.provider]: 'embedded',
      [HEADER.model]: 'tiny',
    });
    const body: unknown = await first.json();
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'tiny',
      choices: [{ index: 0, finish_reason: 'length', message: { role: 'assistant' } }],
      usage: { completion_tokens: 24 },
    });
    expect(JSON.stringify(await second.json())).toContain(JSON.stringify(contentOf(body)));
    const native = await (await core.post('/api/chat', { prompt: 'Once', max_tokens: 8 })).json();
    expect(native).toMatchObject({ layer: 2, model: 'tiny' });
  });

  it('streams what it answers plainly, with its usage only for whom it is', async () => {
    const plain: unknown = await (await core.post(CHAT, auto('One day'))).json();
    const asked = { stream: true, stream_options: { include_usage: true } };
    const response = await core.post(CHAT, auto('One day', asked), { [HEADER.bypass]: 'l1a' });
    expect(layerOf(response)).toBe('l2');
    const text = await response.text();
    const pieces = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']): unknown => JSON.parse(json));
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.map(deltaOf).join('')).toBe(contentOf(plain));
    expect(text).toContain('"completion_tokens":24');
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const other = await core.post(CHAT, auto('One night', { stream: true }));
    expect(await other.text()).not.toContain('completion_tokens');
  });

  it('ends at the caller’s stop words and honours its bound', async () => {
    const whole = contentOf(await (await core.post(CHAT, auto('Stop'))).json());
    const stop = whole.slice(5, 9);
    const cut: unknown = await (await core.post(CHAT, auto('Stop', { stop }))).json();
    expect(contentOf(cut)).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(cut).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  });

  it('says that a conversation is beyond its context, and the cloud answers', async () => {
    const response = await core.post(CHAT, auto('zq xj '.repeat(600)));
    expect([layerOf(response), response.headers.get(HEADER.route)]).toEqual(['l3', 'l3;p=1.00;why=refused']);
  });

  it('decides by one label of its own', async () => {
    const probing = await startCoreWithPool(cloud, {
      ...env,
      ISARTOR__LAYER2__DECIDE: 'probe',
      ISARTOR__LAYER2__THRESHOLD: '0',
    });
    const response = await probing.post(CHAT, auto('Is it day?'));
    expect(response.headers.get(HEADER.route)).toMatch(/^l2;p=[01]\.\d\d$/);
    await probing.stop();
  });

  it('gives a label its probability, and keeps the event loop free while it computes', async () => {
    const backend = await begun();
    const question = (labels: readonly [string, string]) =>
      backend.labelProbability(
        { model: 'tiny', messages: [{ role: 'user', content: 'A or B?' }], labels, requestId: 'label' },
        AbortSignal.timeout(20_000),
      );
    const [ofA, ofB] = [await question(['A', 'B']), await question(['B', 'A'])];
    expect(ofA).toBeGreaterThan(0);
    expect(ofA).toBeLessThan(1);
    expect((ofA ?? 0) + (ofB ?? 0)).toBeCloseTo(1, 3);
    let turns = 0;
    const counting = setInterval(() => (turns += 1), 1);
    await (await ask(backend, { max_tokens: 300 }, AbortSignal.timeout(20_000))).body[Symbol.asyncIterator]().next();
    clearInterval(counting);
    expect(turns).toBeGreaterThan(20);
    await backend.close();
  });

  it('stops for a client that leaves, in a stream and before, and takes the next one', async () => {
    const client = new AbortController();
    const response = await fetch(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(auto('A long story', { stream: true, max_tokens: 1_900 })),
      signal: client.signal,
    });
    expect(layerOf(response)).toBe('l2');
    client.abort();
    await expect.poll(() => core.inFlight(), { timeout: 10_000 }).toBe(0);

    const backend = await begun();
    const leaving = new AbortController();
    const calls = Promise.allSettled([1, 2, 3].map(() => ask(backend, { max_tokens: 1_900 }, leaving.signal)));
    await expect.poll(async () => (await backend.load())?.queued).toBe(1);
    leaving.abort(new Error('left'));
    for (const call of await calls) expect(call).toMatchObject({ status: 'rejected', reason: { message: 'left' } });
    expect(await backend.load()).toMatchObject({ queued: 0 });
    expect((await ask(backend, { max_tokens: 3 }, AbortSignal.timeout(20_000))).status).toBe(200);
    await backend.close();
  });

  it('whose file is none, is down, and the cloud answers', async () => {
    const broken = await startCore(cloud.url, { ...env, ISARTOR__LAYER2__EMBEDDED__MODEL_FILE: '/nowhere.gguf' });
    await untilPool(broken, 'down');
    const response = await broken.post(CHAT, auto('x'));
    expect([response.status, layerOf(response)]).toEqual([200, 'l3']);
    await broken.stop();
  });

  const nothing = (): void => undefined;
  modelBackendContract('embedded', async (state) => ({
    backend: state === 'ready' ? await begun() : embedded(),
    // It is as small and as slow as it is.
    overflow: nothing,
    slow: nothing,
    stop: () => Promise.resolve(),
  }));

  async function begun(): Promise<EmbeddedBackend> {
    const backend = embedded();
    await vi.waitFor(async () => expect(await backend.health()).toBe('ready'), { timeout: 20_000 });
    return backend;
  }

  function embedded(): EmbeddedBackend {
    if ('skip' in found) throw new Error(found.skip);
    return new EmbeddedBackend({
      libraryUrl: findLlamaLibrary(found.packageDir),
      modelFile: found.weights,
      gpu: false,
      threads: 1,
      contextTokens: 2_048,
      parallel: 2,
      model: 'tiny',
      onFault: (error) => {
        throw error;
      },
    });
  }
});

function ask(backend: EmbeddedBackend, overrides: JsonObject, signal: AbortSignal): Promise<UpstreamReply> {
  return backend.call({
    operation: 'openai.chat',
    body: new TextEncoder().encode(JSON.stringify(auto('A story', overrides))),
    model: 'tiny',
    query: '',
    headers: [],
    stream: false,
    requestId: 'test',
    signal,
  });
}

function contentOf(body: unknown): string {
  const { choices } = body as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content ?? '';
}

function deltaOf(piece: unknown): string {
  const { choices } = piece as { choices: { delta: { content?: string } }[] };
  return choices[0]?.delta.content ?? '';
}
