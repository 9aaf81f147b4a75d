import { HEADER, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  fakeUpstream,
  jsonAnswer,
  nativeRequest,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../src/telemetry/metrics.port.ts';
import { PrometheusMetrics } from '../src/telemetry/prometheus-metrics.ts';
import { BACKENDS, fakePool, piece, type FakePool } from './support/fake-pool.ts';
import { freePort } from './support/free-port.ts';
import { startCoreWithPool } from './support/small-model.ts';
import { layerOf, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const NEVER = new Promise<never>(() => undefined);
/** Longer than what a stream is held back for. */
const LONG = 'Which of the rivers that flow through Vienna is the longest, and where does it end?';
const UNSURE = 'l3;p=1.00;why=gate-confidence';
const SURE = (): number => 0.9;
const GUESSING = (): number => 0.3;

let cloud: FakeUpstream;
let asked = 0;

beforeAll(async () => {
  cloud = await fakeUpstream({ respond: wellBehaved });
});

afterAll(() => cloud.close());

const auto = (overrides: JsonObject = {}): JsonObject =>
  chatRequest(`${LONG} ${(asked += 1)}`, { model: 'isartor/auto', ...overrides });

/** What a choice tells of one token. */
const told = (logprob: number): JsonObject => ({ logprobs: { content: [{ token: 'Well', logprob }] } });

const routeOf = (response: Response): string | null => response.headers.get(HEADER.route);

describe.each(BACKENDS)('a bound on the confidence of %s', (backend) => {
  let pool: FakePool;
  let core: RunningCore;

  beforeAll(async () => {
    pool = await fakePool(backend);
    core = await startCoreWithPool(cloud, {
      ISARTOR__ROUTER_BACKEND: backend,
      ISARTOR__VLLM_URL: pool.url,
      ISARTOR__VLLM_MODEL: 'small',
      ISARTOR__LAYER2__LEAST_CONFIDENCE: '0.5',
    });
  });

  afterAll(async () => {
    await core.stop();
    await pool.upstream.close();
  });

  beforeEach(() => {
    pool.behaviour.sureOf = SURE;
    pool.behaviour.answer = undefined;
  });

  /** What the server says to one who asks for no log probabilities. */
  async function unasked(body: JsonObject): Promise<string> {
    const response = await fetch(`${pool.url}${CHAT}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, model: 'small' }),
    });
    return response.text();
  }

  it('lets through what it is sure of, byte for byte as without, and so it is kept', async () => {
    const body = auto({ logprobs: false });
    const first = await core.post(CHAT, body);
    expect([layerOf(first), routeOf(first)]).toEqual(['l2', 'l2;p=1.00']);
    const text = await first.text();
    const asks = {
      vllm: { logprobs: true, top_logprobs: 0 },
      tgi: { logprobs: true },
      llamacpp: { logprobs: true, top_logprobs: 1 },
      openai: { logprobs: true },
    }[backend];
    expect(pool.chats().at(-1)).toEqual({ ...body, model: 'small', ...asks });
    expect(text).toBe(await unasked(body));
    const second = await core.post(CHAT, body);
    expect(layerOf(second)).toBe('l1a');
    expect(await second.text()).toBe(text);
  });

  it('streams it byte for byte as without, and so it is kept', async () => {
    const body = auto({ stream: true });
    const first = await core.post(CHAT, body);
    expect(layerOf(first)).toBe('l2');
    expect(await first.text()).toBe(await unasked(body));
    const { stream: _stream, ...plain } = body;
    const second = await core.post(CHAT, plain);
    expect(layerOf(second)).toBe('l1a');
    expect(await second.text()).not.toContain('"logprob"');
  });

  it.each([false, true])('sends on what it is not sure of, or does not tell (streamed: %s)', async (stream) => {
    pool.behaviour.sureOf = GUESSING;
    const guessed = await core.post(CHAT, auto({ stream }));
    expect([layerOf(guessed), routeOf(guessed)]).toEqual(['l3', UNSURE]);
    expect(await guessed.text()).toContain('Answer to: ');
    pool.behaviour.sureOf = undefined;
    expect(routeOf(await core.post(CHAT, auto({ stream })))).toBe(UNSURE);
  });

  it('judges a whole plain answer, and a stream by its beginning alone', async () => {
    // The beginning is sure; the mean of all words is not.
    pool.behaviour.sureOf = (word) => (word < 16 ? 0.9 : 0.001);
    const plain = await core.post(CHAT, auto());
    expect([layerOf(plain), routeOf(plain)]).toEqual(['l3', UNSURE]);
    const passedOn = Promise.withResolvers<void>();
    const sure = piece(LONG, null, told(-0.1));
    const guess = piece(' Guess.', null, told(-9));
    const steps = [sure, { wait: passedOn.promise }, guess, piece('', 'stop'), '[DONE]'];
    pool.behaviour.answer = () => ({ kind: 'stream', steps });
    const streamed = await core.post(CHAT, auto({ stream: true }));
    expect([layerOf(streamed), routeOf(streamed)]).toEqual(['l2', 'l2;p=1.00']);
    passedOn.resolve();
    const text = await streamed.text();
    expect(text).toContain('Guess.');
    expect(text).not.toContain('"logprob"');
  });

  it('holds for the native form', async () => {
    const sure: unknown = await (await core.post('/api/chat', nativeRequest(`sure ${(asked += 1)}`))).json();
    pool.behaviour.sureOf = GUESSING;
    const guessed: unknown = await (await core.post('/api/chat', nativeRequest(`guess ${(asked += 1)}`))).json();
    expect([sure, guessed]).toMatchObject([{ layer: 2 }, { layer: 3 }]);
  });
});

describe('a bound on the confidence', () => {
  let pool: FakePool;

  beforeEach(async () => {
    pool = await fakePool('vllm');
    return () => pool.upstream.close();
  });

  async function started(env: Readonly<Record<string, string>>): Promise<RunningCore> {
    return startCoreWithPool(cloud, {
      ISARTOR__ROUTER_BACKEND: 'vllm',
      ISARTOR__VLLM_URL: pool.url,
      ISARTOR__VLLM_MODEL: 'small',
      ...env,
    });
  }

  it('judges a stream that says no more when it has been held back long enough, and calls it off', async () => {
    const core = await started({ ISARTOR__LAYER2__LEAST_CONFIDENCE: '0.5' });
    pool.behaviour.answer = () => ({ kind: 'stream', steps: [piece('Well', null, told(-2)), { wait: NEVER }] });
    const response = await core.post(CHAT, auto({ stream: true }));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', UNSURE]);
    await pool.upstream.requests.find(({ path }) => path === CHAT)?.aborted;
    pool.behaviour.answer = () => ({ kind: 'stream', steps: [piece('Well', null, told(-0.1)), { wait: NEVER }] });
    const sure = await core.post(CHAT, auto({ stream: true }));
    expect(layerOf(sure)).toBe('l2');
    await sure.body?.cancel();
    await core.stop();
  });

  it('is chosen by how often answers of which confidence agree with the cloud', async () => {
    const core = await started({
      ISARTOR__LAYER2__LEAST_CONFIDENCE: '0.5',
      ISARTOR__LAYER2__AGREEMENT_SHARE: '1',
      ISARTOR__METRICS_PORT: String(await freePort()),
    });
    const figures = async (): Promise<string> => {
      const metrics: unknown = core.app.get(Metrics);
      return metrics instanceof PrometheusMetrics ? metrics.text() : '';
    };
    const saying = (text: string, probability: number) => {
      const logprobs = { content: [{ token: text, logprob: Math.log(probability) }] };
      const choice = { index: 0, message: { role: 'assistant', content: text }, logprobs, finish_reason: 'stop' };
      pool.behaviour.answer = () => jsonAnswer(chatBody('', { choices: [choice] }));
    };
    cloud.respondWith(() => jsonAnswer(chatBody('B')));
    saying('B', 0.92);
    await core.post(CHAT, auto({ model: 'gpt-4o' }));
    await expect.poll(figures).toContain('isartor_l2_agreement_confidence_bucket{agreement="same",le="0.95"} 1');
    expect(await figures()).toContain('isartor_l2_agreement_confidence_bucket{agreement="same",le="0.9"} 0');
    // It would not have been passed on, and it is told all the same what it was worth.
    saying('C', 0.42);
    await core.post(CHAT, auto({ model: 'gpt-4o' }));
    await expect.poll(figures).toContain('isartor_l2_agreement_total{model="gpt-4o",agreement="gated"} 1');
    expect(await figures()).toContain('isartor_l2_agreement_confidence_bucket{agreement="different",le="0.5"} 1');
    cloud.respondWith(wellBehaved);
    await core.stop();
  });
});
