import { isJsonObject, parseJson } from '@isartor/shared';
import type { JsonValue } from '@isartor/shared';
import { describe, expect, inject, test, vi } from 'vitest';
import type { CoreAnswer } from '../test/support/core-answer.ts';
import { ANSWER, ASKED, DIGEST, Fleet } from './testing/fleet.ts';
import { hasRedis } from './testing/redis-door.ts';
import { storedAnswer, storedMeta } from './testing/stored.ts';

const AT_ONCE = { ISARTOR__EDGE_HEDGE_MS: '0' };
const SILENT: CoreAnswer = { instead: 'silent' };
const STREAM: CoreAnswer = {
  headers: { 'content-type': 'text/event-stream' },
  chunks: ['data: 1\n\n'],
  ending: 'hold',
};
const UPSTREAM_FAULT: CoreAnswer = { status: 502, headers: { 'x-isartor-error': 'upstream' }, chunks: ['"fault"'] };

/** A fleet whose Redis does not answer until it is told to. */
async function held(core: CoreAnswer, bindings: Record<string, string> = AT_ONCE): Promise<Fleet> {
  const fleet = await Fleet.start(bindings);
  await fleet.door.become('held');
  await fleet.core.answerWith(core);
  return fleet;
}

async function untilCoreIsAsked(fleet: Fleet): Promise<void> {
  while ((await fleet.core.seen()).length === 0) await Promise.resolve();
}

async function untilRedisIsAsked(fleet: Fleet): Promise<void> {
  while ((await fleet.door.roundTrips()) === 0) await Promise.resolve();
}

async function dependency(fleet: Fleet, name: 'core' | 'redis'): Promise<JsonValue | undefined> {
  const ready = parseJson((await fleet.edge.ask({ path: '/readyz' })).text);
  const all = isJsonObject(ready) ? ready['dependencies'] : undefined;
  return isJsonObject(all) ? all[name] : undefined;
}

/** Until that dependency was heard of. A round trip each time: the Worker must come to its turn. */
async function untilKnown(fleet: Fleet, name: 'core' | 'redis'): Promise<void> {
  for (;;) {
    const state = await dependency(fleet, name);
    if (isJsonObject(state) && state['state'] !== 'unused') return;
    await fleet.door.roundTrips();
  }
}

async function coreState(fleet: Fleet): Promise<JsonValue | undefined> {
  const core = await dependency(fleet, 'core');
  return isJsonObject(core) ? core['state'] : undefined;
}

describe.skipIf(!hasRedis)('where Redis takes its time, the core is asked too', () => {
  test('after ISARTOR__EDGE_HEDGE_MS, and not before', async () => {
    const fleet = await held({ chunks: ['{}'] }, { ISARTOR__EDGE_HEDGE_MS: '20' });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asking = fleet.edge.open({ headers: fleet.core.headers, body: ASKED });
      await untilRedisIsAsked(fleet);
      vi.advanceTimersByTime(19);
      expect(await fleet.core.seen()).toHaveLength(0);
      vi.advanceTimersByTime(1);
      await untilCoreIsAsked(fleet);
      const { response, settle } = await asking;
      expect(vi.getTimerCount()).toBe(0);
      expect(await response.text()).toBe('{}');
      await fleet.door.become('open');
      await settle();
    } finally {
      vi.useRealTimers();
    }
  });

  test('and not for a copy that only waits for newer rules: its entry may be gone from Redis', async () => {
    const fleet = await Fleet.start({ ISARTOR__EDGE_HEDGE_MS: '1000', ISARTOR__REDIS_TIMEOUT_MS: '5000' });
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    await fleet.dropEntry();
    fleet.edge.now += 6_000;
    const before = await fleet.door.roundTrips();
    await fleet.door.become('held');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asking = fleet.verdict();
      while ((await fleet.door.roundTrips()) === before) await Promise.resolve();
      vi.advanceTimersByTime(1_000);
      await fleet.door.become('open');
      expect(await asking).toBe('hit');
      expect(await fleet.core.seen()).toHaveLength(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('and not at all where Redis answers in time', async () => {
    const fleet = await Fleet.start({ ISARTOR__EDGE_HEDGE_MS: '5000' });
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    expect(await fleet.core.seen()).toHaveLength(0);
  });
});

describe.skipIf(!hasRedis)('a hit in Redis that comes before the core’s answer', () => {
  test('is served, and the core’s request is ended without a word against the core', async () => {
    const fleet = await held(SILENT);
    await fleet.entry();
    const asking = fleet.ask();
    await untilCoreIsAsked(fleet);
    await fleet.door.become('open');
    const answer = await asking;
    expect([answer.status, answer.text]).toEqual([200, JSON.stringify(ANSWER)]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-isartor-layer': 'l1a',
      'x-isartor-cache': 'hit',
      'x-isartor-edge': 'hit',
    });
    expect(answer.headers.get('server-timing')).toMatch(/^l0;dur=\d+, l1a;dur=\d+$/);
    await fleet.core.closed();
    expect(fleet.edge.lastRecord()).toMatchObject({ status: 200, edge: 'hit', cache: 'hit' });
    expect(await coreState(fleet)).toBe('unused');
    expect(await fleet.verdict()).toBe('hit');
    expect(await fleet.door.roundTrips()).toBe(1);
  });

  test('ends the request to the second core, where the first could not be reached', async () => {
    const fleet = await held(SILENT, { ...AT_ONCE, ISARTOR__CORE_URL: `${inject('coreGone')},${inject('coreA')}` });
    await fleet.entry();
    const asking = fleet.verdict();
    await untilCoreIsAsked(fleet);
    await fleet.door.become('open');
    expect(await asking).toBe('hit');
    await fleet.core.closed();
    expect(await dependency(fleet, 'core')).toEqual({ state: 'degraded', cores: ['failing', 'unused'] });
  });

  test('obeys the tenant record that came with it', async () => {
    const fleet = await held({ waitFor: 'go', chunks: ['"from the core"'] });
    await fleet.entry();
    await fleet.record({ off: ['l3'] });
    const asking = fleet.ask();
    await untilCoreIsAsked(fleet);
    await fleet.door.become('open');
    await fleet.core.go();
    expect((await asking).text).toBe('"from the core"');
  });
});

describe.skipIf(!hasRedis)('an answer of the core that comes before Redis', () => {
  test('is served and says so; what Redis says later serves the next request', async () => {
    const fleet = await held({ chunks: [] });
    await fleet.core.answerWith(storedAnswer(storedMeta(fleet.edge.now), ANSWER, DIGEST));
    const { response, settle } = await fleet.edge.open({ headers: fleet.core.headers, body: ASKED });
    expect(await response.text()).toBe(JSON.stringify(ANSWER));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-isartor-layer': 'l3',
      'x-isartor-cache': 'miss;why=absent',
      'x-isartor-edge': 'miss;why=late',
    });
    expect(fleet.edge.lastRecord()).toMatchObject({ edge: 'miss;why=late' });
    await fleet.door.become('open');
    await settle();
    expect(await fleet.verdict()).toBe('hit');
    expect(await fleet.door.roundTrips()).toBe(1);
    expect(await fleet.core.seen()).toHaveLength(1);
  });

  test('in a stream is passed on as it comes, and the entry that Redis held is kept for the next', async () => {
    const fleet = await held({ headers: { 'content-type': 'text/event-stream' }, chunks: ['data: 1\n\n'] });
    await fleet.entry();
    const body = { ...ASKED, stream: true };
    const { response, settle } = await fleet.edge.open({ headers: fleet.core.headers, body });
    expect(await response.text()).toBe('data: 1\n\n');
    await fleet.door.become('open');
    await settle();
    expect((await fleet.ask({}, body)).headers.get('x-isartor-edge')).toBe('hit');
    expect(await fleet.door.roundTrips()).toBe(1);
  });

  test.each([400, 401, 429])('is served as it is when it is a %i', async (status) => {
    const fleet = await held({ status, chunks: ['"no"'] });
    await fleet.entry();
    const { response, settle } = await fleet.edge.open({ headers: fleet.core.headers, body: ASKED });
    expect([response.status, await response.text()]).toEqual([status, '"no"']);
    await fleet.door.become('open');
    await settle();
  });

  test('does not hide a Redis that fails: three reads that ran out of time open the breaker', async () => {
    const fleet = await Fleet.start({ ...AT_ONCE, ISARTOR__REDIS_TIMEOUT_MS: '100' });
    await fleet.door.become('silent');
    for (let count = 0; count < 3; count += 1) expect(await fleet.verdict()).toBe('miss;why=late');
    expect(await fleet.verdict()).toBe('error');
    expect(await fleet.door.roundTrips()).toBe(3);
    expect(await dependency(fleet, 'redis')).toMatchObject({ state: 'failing', breaker: 'open' });
  });
});

describe.skipIf(!hasRedis)('while the core is at work, Redis', () => {
  test.each([
    ['says that there is none', 'open', 'miss'],
    ['fails', 'error', 'error'],
    ['hangs up', 'reset', 'error'],
  ] as const)('%s: the core answers', async (_, mode, verdict) => {
    const fleet = await held({ waitFor: 'go', chunks: ['"from the core"'] });
    const asking = fleet.ask();
    await untilCoreIsAsked(fleet);
    await fleet.door.become(mode);
    await untilKnown(fleet, 'redis');
    await fleet.core.go();
    const answer = await asking;
    expect([answer.text, answer.headers.get('x-isartor-edge')]).toEqual(['"from the core"', verdict]);
    expect(answer.headers.get('server-timing')).toMatch(/edge-l0;dur=\d+, edge-l1a;dur=\d+, edge-core;dur=\d+$/);
  });
});

describe.skipIf(!hasRedis)('after the core has failed, Redis', () => {
  const PAST = (now: number) => ({ createdAt: now - 400_000, freshUntil: now - 100_000, staleUntil: now + 3_600_000 });

  async function afterFailure(core: CoreAnswer, then: (fleet: Fleet) => Promise<void>): Promise<unknown[]> {
    const fleet = await held(core);
    const asking = fleet.ask();
    await untilKnown(fleet, 'core');
    await then(fleet);
    const { status, headers } = await asking;
    return [status, headers.get('x-isartor-edge'), headers.get('x-isartor-cache')];
  }

  test.each<[string, CoreAnswer]>([
    ['an upstream’s 502', UPSTREAM_FAULT],
    ['its own 500', { ...UPSTREAM_FAULT, status: 500 }],
    ['no connection', { instead: 'reset' }],
  ])('still gives its hit: %s', async (_, core) => {
    const seen = await afterFailure(core, async (fleet) => {
      await fleet.entry();
      await fleet.door.become('open');
    });
    expect(seen).toEqual([200, 'hit', 'hit']);
  });

  test('bridges it with what is stale', async () => {
    const seen = await afterFailure(UPSTREAM_FAULT, async (fleet) => {
      await fleet.entry(PAST(fleet.edge.now));
      await fleet.door.become('open');
    });
    expect(seen).toEqual([200, 'hit', 'stale']);
  });

  test.each([
    ['fails too', 'error', 'error'],
    ['has nothing', 'open', 'miss'],
  ] as const)('%s: the client hears of the core’s failure', async (_, mode, verdict) => {
    expect(await afterFailure(UPSTREAM_FAULT, (fleet) => fleet.door.become(mode))).toEqual([502, verdict, null]);
  });
});

describe.skipIf(!hasRedis)('a client that leaves', () => {
  test('while both are asked ends both requests, and says nothing about either', async () => {
    const fleet = await held(SILENT);
    const hangUp = new AbortController();
    const asking = fleet.edge.ask({ headers: fleet.core.headers, body: ASKED, signal: hangUp.signal });
    await untilCoreIsAsked(fleet);
    await untilRedisIsAsked(fleet);
    hangUp.abort();
    await Promise.all([fleet.core.closed(), fleet.door.left()]);
    expect((await asking).status).toBe(499);
    expect(await coreState(fleet)).toBe('unused');
    expect(await dependency(fleet, 'redis')).toEqual({ state: 'unused', breaker: 'closed' });
  });

  test('before the core is asked ends the read of Redis, and no core is asked', async () => {
    const fleet = await held(SILENT, { ISARTOR__EDGE_HEDGE_MS: '10000' });
    const hangUp = new AbortController();
    const asking = fleet.edge.ask({ headers: fleet.core.headers, body: ASKED, signal: hangUp.signal });
    await untilRedisIsAsked(fleet);
    hangUp.abort();
    await fleet.door.left();
    expect((await asking).status).toBe(499);
    expect(await fleet.core.seen()).toHaveLength(0);
  });

  test('in a stream of the core ends the read of Redis that still goes on behind it', async () => {
    const fleet = await held(STREAM);
    const hangUp = new AbortController();
    const body = { ...ASKED, stream: true };
    const { response, settle } = await fleet.edge.open({ headers: fleet.core.headers, body, signal: hangUp.signal });
    expect(response.headers.get('x-isartor-edge')).toBe('miss;why=late');
    hangUp.abort();
    await Promise.all([fleet.core.closed(), fleet.door.left()]);
    await settle();
  });
});
