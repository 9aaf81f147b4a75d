import { fakeUpstream, type FakeUpstream } from '@isartor/shared/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chatContext } from '../../test/support/chat-context.ts';
import { ManualTime } from '../../test/support/manual-time.ts';
import type { ModelRoute } from '../config/model-route-list-type.ts';
import { HttpProvider } from './adapters/http-provider.ts';
import { FallbackChain } from './fallback-chain.ts';
import { ModelRoutes } from './routes/model-routes.ts';

let upstream: FakeUpstream;
let provider: HttpProvider;
let time: ManualTime;

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: { kind: 'stall' } });
  time = new ManualTime();
  provider = new HttpProvider('openai', {
    name: 'one',
    url: upstream.url,
    apiKey: undefined,
    defaultModel: 'm',
    asksUsage: true,
    betweenBytesMs: 60_000,
  });
});
afterEach(async () => {
  await provider.close();
  await upstream.close();
});

/** How long the cloud is waited for, in ms, when the small model has been asked for 40 ms before. */
async function patienceOf(clocks: ModelRoute['clocks'] | undefined): Promise<number> {
  const to = [{ provider: 'one', model: 'm', weight: undefined }];
  const route = { model: 'routed', to, cache: undefined, cacheTtlSecs: undefined, skip: [] };
  const chain = new FallbackChain({
    providers: [provider],
    defaultModel: 'm',
    clocks: { firstByteMs: 100, plainMs: 100, streamMs: 100 },
    routes: new ModelRoutes(clocks === undefined ? [] : [{ ...route, clocks }]),
    retry: { maxCalls: 1, baseWaitMs: 1, maxWaitMs: 1 },
    breaker: { failures: 5, openMs: 10_000 },
    time,
  });
  const modelAskedAtMs = time.nowMs();
  time.advance(40);
  const answer = chain.ask({ ...chatContext({ model: 'routed' }), modelAskedAtMs });
  const outcome = answer.then(
    () => 'answered',
    (error: Error) => error.message,
  );
  await upstream.request(upstream.requests.length + 1);
  const began = time.nowMs();
  while (time.pending > 0 && time.nowMs() < began + 1_000) time.advance(1);
  expect(await outcome).toContain('in time');
  return time.nowMs() - began;
}

it('counts the time of the small model, but against the clocks of a route: they are for the cloud alone', async () => {
  expect(await patienceOf(undefined)).toBe(60);
  expect(await patienceOf({})).toBe(60);
  expect(await patienceOf({ plainMs: 70 })).toBe(70);
});
