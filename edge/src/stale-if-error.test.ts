import { encodeStoredEntry, entryKey } from '@isartor/shared';
import { describe, expect, inject, test } from 'vitest';
import type { CoreAnswer } from '../test/support/core-answer.ts';
import { CoreProgram } from './testing/core-program.ts';
import { EdgeUnderTest } from './testing/edge-under-test.ts';
import { ANSWER, ASKED, DIGEST, Fleet } from './testing/fleet.ts';
import { hasRedis } from './testing/redis-door.ts';
import { storedMeta } from './testing/stored.ts';

const GONE = { ISARTOR__CORE_URL: inject('coreGone') };
/** Made 400 s ago, fresh until 100 s ago, and good for another hour where all else fails. */
const PAST = (now: number) => ({ createdAt: now - 400_000, freshUntil: now - 100_000, staleUntil: now + 3_600_000 });

async function fleetWithStale(bindings: Record<string, string> = {}): Promise<Fleet> {
  const fleet = await Fleet.start(bindings);
  await fleet.entry(PAST(fleet.edge.now));
  return fleet;
}

function fault(status: number, headers: Record<string, string> = { 'x-isartor-error': 'upstream' }): CoreAnswer {
  return { status, headers: { 'x-isartor-layer': 'l3', 'retry-after': '7', ...headers }, chunks: ['{"error":{}}'] };
}

describe.skipIf(!hasRedis)('while every core is down', () => {
  test('a fresh entry is served as ever', async () => {
    const fleet = await Fleet.start(GONE);
    await fleet.entry();
    const answer = await fleet.ask();
    expect([answer.status, answer.headers.get('x-isartor-cache')]).toEqual([200, 'hit']);
    expect(answer.headers.has('warning')).toBe(false);
  });

  test('a stale one is served too, and says so, after the one read of the look-up', async () => {
    const fleet = await fleetWithStale(GONE);
    const answer = await fleet.ask();
    expect([answer.status, answer.text]).toEqual([200, JSON.stringify(ANSWER)]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'x-isartor-layer': 'l1a',
      'x-isartor-cache': 'stale',
      'x-isartor-deflected': 'true',
      'x-isartor-edge': 'hit',
      'x-isartor-entry': DIGEST,
      warning: '110 - "Response is Stale"',
      age: '400',
    });
    expect(answer.headers.has('retry-after')).toBe(false);
    expect(answer.headers.has('x-isartor-error')).toBe(false);
    expect(await fleet.door.roundTrips()).toBe(1);
    expect(fleet.edge.lastRecord()).toMatchObject({ status: 200, layer: 'l1a', cache: 'stale', edge: 'hit' });
  });

  test('a stream is replayed', async () => {
    const fleet = await fleetWithStale(GONE);
    const answer = await fleet.ask({}, { ...ASKED, stream: true });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('x-isartor-cache')).toBe('stale');
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test.each([
    ['to a caller who said no-cache', { 'cache-control': 'no-cache' }],
    ['to a caller who said no-store', { 'cache-control': 'no-store' }],
    ['to a caller who bypasses the exact cache', { 'x-isartor-bypass': 'l1a' }],
    ['to a caller who wants nothing that old', { 'x-isartor-cache-ttl': '399' }],
  ])('nothing stale is served %s', async (_, headers) => {
    const fleet = await fleetWithStale(GONE);
    expect((await fleet.ask(headers)).status).toBe(502);
  });

  test('an entry past its staleUntil is not served', async () => {
    const fleet = await Fleet.start(GONE);
    const now = fleet.edge.now;
    await fleet.entry({ createdAt: now - 400_000, freshUntil: now - 200_000, staleUntil: now - 1 });
    expect((await fleet.ask()).status).toBe(502);
  });

  test('damaged bytes bridge nothing', async () => {
    const fleet = await Fleet.start(GONE);
    const meta = storedMeta(fleet.edge.now, PAST(fleet.edge.now));
    const entry = { meta, body: new TextEncoder().encode('{"choices":') };
    await fleet.door.set(entryKey(fleet.namespace, DIGEST), encodeStoredEntry(entry));
    expect((await fleet.ask({}, { ...ASKED, stream: true })).status).toBe(502);
  });

  test('without an entry the client hears that no core can be reached', async () => {
    const answer = await (await Fleet.start(GONE)).ask();
    expect([answer.status, answer.headers.get('x-isartor-edge')]).toEqual([502, 'miss']);
  });
});

describe.skipIf(!hasRedis)('a core that answers', () => {
  test.each([
    ['502', fault(502), 'stale'],
    ['503 for want of room', fault(503, { 'x-isartor-error': 'overloaded' }), 'stale'],
    ['504', fault(504), 'stale'],
    ['503 of what stands before it', fault(503, {}), 'stale'],
    ['nothing, and hangs up', { instead: 'reset' }, 'stale'],
    ['500', fault(500), null],
    ['400', fault(400, {}), null],
    ['401', fault(401, {}), null],
    ['404', fault(404, {}), null],
    ['429', fault(429, {}), null],
    ['200', { chunks: ['{}'] }, null],
  ] satisfies [string, CoreAnswer, string | null][])('%s', async (_, answerOfCore, cache) => {
    const fleet = await fleetWithStale();
    await fleet.core.answerWith(answerOfCore);
    const answer = await fleet.ask();
    expect(answer.headers.get('x-isartor-cache')).toBe(cache);
    expect(answer.status === 200).toBe(cache === 'stale' || answer.text === '{}');
    expect(await fleet.core.seen()).toHaveLength(1);
  });

  test('a second core answers before anything stale does', async () => {
    const fleet = await fleetWithStale({ ISARTOR__CORE_URL: `${inject('coreGone')},${inject('coreA')}` });
    expect((await fleet.ask()).text).toBe('"from the core"');
  });
});

describe.skipIf(!hasRedis)('a stale entry obeys the tenant record that is in force when it is served', () => {
  /** A core that fails late: what happens meanwhile happens before it does. */
  async function lateFault(meanwhile: (fleet: Fleet) => Promise<void>): Promise<number> {
    const fleet = await fleetWithStale();
    await fleet.core.answerWith({ ...fault(502), waitFor: 'go' });
    const asking = fleet.ask();
    while ((await fleet.core.seen()).length === 0) await Promise.resolve();
    await meanwhile(fleet);
    await fleet.core.go();
    return (await asking).status;
  }

  test.each<[string, (fleet: Fleet) => Promise<void>, number]>([
    ['nothing happened: it is served', () => Promise.resolve(), 200],
    ['a purge', (fleet) => fleet.record({ epoch: '2000-b' }), 502],
    ['a kill switch', (fleet) => fleet.record({ off: ['l3'] }), 502],
    ['a quarantine', (fleet) => fleet.record({ quarantine: [DIGEST] }), 502],
    ['another policy', (fleet) => fleet.policy('policy-2'), 502],
    ['Redis gone: nobody can tell', (fleet) => fleet.door.become('error'), 502],
  ])('%s', async (_, change, status) => {
    const seen = await lateFault(async (fleet) => {
      await change(fleet);
      fleet.edge.now += 5_001;
    });
    expect(seen).toBe(status);
  });

  test('its own end', async () => {
    expect(
      await lateFault((fleet) => {
        fleet.edge.now += 3_600_000;
        return Promise.resolve();
      }),
    ).toBe(502);
  });
});

test('without Redis nothing stale is known, and the failure is told', async () => {
  const core = await CoreProgram.on('coreA', fault(502));
  const answer = await new EdgeUnderTest().ask({ headers: core.headers, body: ASKED });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([502, '7']);
});
