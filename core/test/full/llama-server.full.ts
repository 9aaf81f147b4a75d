import { HEADER, type JsonObject } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LLAMACPP } from '../../src/l2-small-model/adapters/llamacpp.ts';
import { HttpModelBackend } from '../../src/l2-small-model/adapters/http-model-backend.ts';
import { findLlamaServer, startLlamaServer, type LlamaServer } from '../support/llama-server.ts';
import { startCoreWithPool, untilPool } from '../support/small-model.ts';
import { layerOf, TEST_KEY, type RunningCore } from '../support/start-core.ts';

const CHAT = '/v1/chat/completions';
const found = await findLlamaServer();
const skip = 'skip' in found ? found.skip : undefined;
if (skip !== undefined) process.stderr.write(`skipped: L2 on a real llama.cpp: ${skip}\n`);

const auto = (text: string, overrides: JsonObject = {}): JsonObject =>
  chatRequest(text, { model: 'isartor/auto', max_tokens: 24, ...overrides });

describe.skipIf(skip !== undefined)('a real llama.cpp with a real, tiny model', () => {
  let cloud: FakeUpstream;
  let server: LlamaServer;
  let core: RunningCore;

  beforeAll(async () => {
    if ('skip' in found) return;
    cloud = await fakeUpstream({ respond: wellBehaved });
    server = await startLlamaServer(found);
    core = await startCoreWithPool(cloud, { ISARTOR__ROUTER_BACKEND: 'llamacpp', ISARTOR__VLLM_URL: server.url });
  });

  afterAll(async () => {
    await core?.stop();
    await server?.kill();
    await cloud?.close();
  });

  it('answers plainly and from the cache the next time', async () => {
    const first = await core.post(CHAT, auto('Once upon a time'));
    expect([layerOf(first), first.headers.get(HEADER.provider), first.headers.get(HEADER.model)]).toEqual([
      'l2',
      'llamacpp',
      'tiny',
    ]);
    const body = await first.json();
    expect(body).toMatchObject({ model: 'tiny', usage: { completion_tokens: 24 } });
    // Cut at the caller's own bound, it is an answer, and none to keep.
    expect(layerOf(await core.post(CHAT, auto('Once upon a time')))).toBe('l2');
    const native = await (await core.post('/api/chat', { prompt: 'Once', max_tokens: 8 })).json();
    expect(native).toMatchObject({ layer: 2, model: 'tiny' });
  });

  it('streams, with its usage only for whom it is', async () => {
    const response = await core.post(CHAT, auto('One day', { stream: true }));
    expect(layerOf(response)).toBe('l2');
    const text = await response.text();
    expect(text.match(/^data: /gm)?.length).toBeGreaterThan(20);
    expect(text).not.toContain('completion_tokens');
    const asked = { stream: true, stream_options: { include_usage: true } };
    expect(await (await core.post(CHAT, auto('One day', asked))).text()).toContain('"completion_tokens":24');
  });

  it('gives a label and its probability by its own grammar and log probabilities', async () => {
    const backend = new HttpModelBackend(LLAMACPP, { url: server.url, apiKey: undefined, betweenBytesMs: 10_000 });
    const question = (labels: readonly [string, string]) =>
      backend.labelProbability(
        { model: 'tiny', messages: [{ role: 'user', content: 'A or B?' }], labels, requestId: 'label' },
        AbortSignal.timeout(10_000),
      );
    const [ofA, ofB] = [await question(['A', 'B']), await question(['B', 'A'])];
    expect(ofA).toBeGreaterThan(0);
    expect(ofA).toBeLessThan(1);
    expect((ofA ?? 0) + (ofB ?? 0)).toBeCloseTo(1, 2);
    await backend.close();
    const probing = await startCoreWithPool(cloud, {
      ISARTOR__ROUTER_BACKEND: 'llamacpp',
      ISARTOR__VLLM_URL: server.url,
      ISARTOR__LAYER2__DECIDE: 'probe',
      ISARTOR__LAYER2__THRESHOLD: '0',
    });
    const response = await probing.post(CHAT, auto('Is it day?'));
    expect(layerOf(response)).toBe('l2');
    expect(response.headers.get(HEADER.route)).toMatch(/^l2;p=0\.\d\d$/);
    await probing.stop();
  });

  it('tells how sure it is, which the answer does not show, plainly and in a stream', async () => {
    const sampled = { temperature: 0, max_tokens: 40 };
    const said: (readonly [string | null, string | null])[] = [];
    for (const least of ['0.001', '1']) {
      const bounded = await startCoreWithPool(cloud, {
        ISARTOR__ROUTER_BACKEND: 'llamacpp',
        ISARTOR__VLLM_URL: server.url,
        ISARTOR__LAYER2__LEAST_CONFIDENCE: least,
      });
      for (const stream of [false, true]) {
        const response = await bounded.post(CHAT, auto(`Tell me of a cat: ${stream}`, { ...sampled, stream }));
        said.push([layerOf(response), response.headers.get(HEADER.route)]);
        if (least === '1') continue;
        const unasked = await core.post(CHAT, auto(`Tell me of a cat: ${stream}`, { ...sampled, stream }));
        expect(membersOf(await response.text(), stream)).toEqual(membersOf(await unasked.text(), stream));
      }
      await bounded.stop();
    }
    const unsure = ['l3', 'l3;p=1.00;why=gate-confidence'];
    expect(said).toEqual([['l2', 'l2;p=1.00'], ['l2', 'l2;p=1.00'], unsure, unsure]);
  });

  it('says that a prompt is beyond its context, and the cloud answers', async () => {
    // Fewer characters a token than the rough count takes.
    const response = await core.post(CHAT, auto('zq xj '.repeat(1_200)));
    expect([layerOf(response), response.headers.get(HEADER.route)]).toEqual(['l3', 'l3;p=1.00;why=refused']);
    expect(server.log()).toContain('exceeds the available context size');
  });

  it('hears of a client that leaves, by its own log', async () => {
    const client = new AbortController();
    const response = await fetch(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(auto('A long story', { stream: true, max_tokens: 1_900 })),
      signal: client.signal,
    });
    expect(layerOf(response)).toBe('l2');
    const before = cancelled();
    client.abort();
    await expect.poll(cancelled, { timeout: 10_000 }).toBe(before + 1);
  });

  it('tells its figures where it is asked for them', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(/^llamacpp:tokens_predicted_total [1-9]/m);
    const backend = new HttpModelBackend(LLAMACPP, { url: server.url, apiKey: undefined, betweenBytesMs: 10_000 });
    expect(await backend.load(AbortSignal.timeout(10_000))).toMatchObject({ queued: 0 });
    await backend.close();
  });

  it('is killed and started again under load without a failed request', async () => {
    if ('skip' in found) return;
    const statuses: number[] = [];
    const layers = new Map<string | null, number>();
    let isLoaded = true;
    let sent = 0;
    const client = async (): Promise<void> => {
      while (isLoaded) {
        const response = await core.post(CHAT, auto(`load ${(sent += 1)}`, { stream: sent % 2 === 0 }));
        statuses.push(response.status);
        layers.set(layerOf(response), (layers.get(layerOf(response)) ?? 0) + 1);
        await response.text();
      }
    };
    const clients = Array.from({ length: 4 }, client);
    await pause(1_000);
    await server.kill();
    await pause(1_500);
    server = await startLlamaServer(found, server.port);
    await untilPool(core, 'up');
    await pause(1_000);
    isLoaded = false;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(layers.get('l2')).toBeGreaterThan(5);
    expect(layers.get('l3')).toBeGreaterThan(5);
    expect(layerOf(await core.post(CHAT, auto('after')))).toBe('l2');
  });

  function cancelled(): number {
    return server.log().match(/cancel task/g)?.length ?? 0;
  }
});

/** What of an answer, or of each piece of a stream, is the same whenever it is given. */
function membersOf(text: string, stream: boolean): readonly unknown[] {
  const bodies = stream ? [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => json) : [text];
  return bodies.map((json) => {
    const { choices, model, object } = JSON.parse(json) as Record<string, unknown>;
    return { choices, model, object };
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
