import { encodeStoredEntry, entryKey, policyKey, tenantRecordKey } from '@isartor/shared';
import { chatRequest } from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from './sha256-hex.ts';
import { ANSWER, ASKED, DIGEST, Fleet } from './testing/fleet.ts';
import { hasRedis } from './testing/redis-door.ts';
import { EPOCH, storedAnswer, storedMeta } from './testing/stored.ts';

/** A second key of the same tenant, for exact repeats alone. */
const LIMITED = {
  ISARTOR__AUTH__KEYS: JSON.stringify([{ tenant: 'default', name: 'k', sha256: sha256Hex('limited'), cache: 'exact' }]),
};

describe.skipIf(!hasRedis)('an entry in Redis', () => {
  test('is served byte for byte after one round trip, and then from the colo without any', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    fleet.edge.now += 3_000;
    const first = await fleet.ask();
    expect(first.text).toBe(JSON.stringify(ANSWER));
    expect(first.headers.get('x-isartor-edge')).toBe('hit');
    expect(first.headers.get('age')).toBe('3');
    expect(await fleet.door.roundTrips()).toBe(1);
    expect((await fleet.ask()).text).toBe(JSON.stringify(ANSWER));
    expect(await fleet.door.roundTrips()).toBe(1);
    expect(await fleet.core.seen()).toHaveLength(0);
  });

  test('is served to streams by replay', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    const answer = await fleet.ask({}, { ...ASKED, stream: true });
    expect(answer.headers.get('x-isartor-edge')).toBe('hit');
    expect(answer.text).toContain('漢字 🙂');
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('that was kept as a stream serves streams only', async () => {
    const fleet = await Fleet.start();
    const meta = storedMeta(fleet.edge.now, { contentType: 'text/event-stream', usage: null });
    const body = new TextEncoder().encode('data: {"choices":[]}\n\ndata: [DONE]\n\n');
    await fleet.door.set(entryKey(fleet.namespace, DIGEST), encodeStoredEntry({ meta, body }));
    expect((await fleet.ask({}, { ...ASKED, stream: true })).text).toBe('data: {"choices":[]}\n\ndata: [DONE]\n\n');
    expect(await fleet.verdict()).toBe('miss');
  });

  test.each([
    ['has another epoch than the record', { epoch: '999-z' }],
    ['has another policy than the one in force', { policy: 'policy-0' }],
    ['lives longer than this reader’s TTL', { freshUntil: Date.now() + 400_000 }],
    ['comes from too far ahead in time', { createdAt: Date.now() + 60_000, freshUntil: Date.now() + 90_000 }],
    ['is fresh no longer', { createdAt: Date.now() - 301_000, freshUntil: Date.now() - 1_000 }],
  ])('is a miss when it %s', async (_, changes) => {
    const fleet = await Fleet.start();
    await fleet.entry(changes);
    expect(await fleet.verdict()).toBe('miss');
  });

  test.each([
    ['the record is missing', (fleet: Fleet) => fleet.door.delete(tenantRecordKey(fleet.namespace, 'default'))],
    [
      'the record is damaged',
      (fleet: Fleet) => fleet.door.set(tenantRecordKey(fleet.namespace, 'default'), '{"epoch":'),
    ],
    ['the policy is missing', (fleet: Fleet) => fleet.door.delete(policyKey(fleet.namespace))],
    ['its layer is switched off', (fleet: Fleet) => fleet.record({ off: ['l3'] })],
    ['this very cache is switched off', (fleet: Fleet) => fleet.record({ off: ['l1a'] })],
    ['it is quarantined', (fleet: Fleet) => fleet.record({ quarantine: [DIGEST] })],
    ['it is damaged', (fleet: Fleet) => fleet.door.set(entryKey(fleet.namespace, DIGEST), 'no entry')],
    [
      'its end is missing',
      (fleet: Fleet) => {
        const whole = encodeStoredEntry(fleet.entryOf(ANSWER));
        return fleet.door.set(entryKey(fleet.namespace, DIGEST), whole.subarray(0, whole.length - 120));
      },
    ],
  ])('is a miss when %s', async (_, harm) => {
    const fleet = await Fleet.start();
    await fleet.entry();
    await harm(fleet);
    expect(await fleet.verdict()).toBe('miss');
  });

  test('whose body is damaged is a miss for a stream', async () => {
    const fleet = await Fleet.start();
    const entry = { meta: storedMeta(fleet.edge.now), body: new TextEncoder().encode('{"choices":') };
    await fleet.door.set(entryKey(fleet.namespace, DIGEST), encodeStoredEntry(entry));
    expect(await fleet.verdict({}, { ...ASKED, stream: true })).toBe('miss');
  });

  test('is found as soon as the core has written record, policy and entry', async () => {
    const fleet = await Fleet.start();
    await fleet.door.delete(tenantRecordKey(fleet.namespace, 'default'));
    await fleet.entry();
    expect(await fleet.verdict()).toBe('miss');
    await fleet.record();
    expect(await fleet.verdict()).toBe('hit');
  });
});

describe.skipIf(!hasRedis)('a colo copy obeys the tenant record within 5 s', () => {
  const SOURCE = 'a'.repeat(64);

  test.each([
    ['the kill switch for its layer', (fleet: Fleet) => fleet.record({ off: ['l3'] })],
    ['the kill switch for the exact cache', (fleet: Fleet) => fleet.record({ off: ['l1a'] })],
    ['a quarantine', (fleet: Fleet) => fleet.record({ quarantine: [DIGEST] })],
    ['a purge', (fleet: Fleet) => fleet.record({ epoch: '2000-b' })],
    ['a change of policy', (fleet: Fleet) => fleet.policy('policy-2')],
  ])('%s', async (_, change) => {
    const fleet = await Fleet.start();
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    await change(fleet);
    fleet.edge.now += 5_000;
    // Still trusted: the last moment at which the old record counts.
    expect(await fleet.verdict()).toBe('hit');
    fleet.edge.now += 1;
    expect(await fleet.verdict()).toBe('miss');
  });

  test('without a request that waits: what is asked for is read anew before the 5 s are over', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    for (let seconds = 0; seconds < 30; seconds += 1) {
      fleet.edge.now += 1_000;
      const before = await fleet.door.roundTrips();
      const { response, settle } = await fleet.edge.open({ headers: fleet.core.headers, body: ASKED });
      expect(response.headers.get('server-timing')).toMatch(/^l0;dur=0, l1a;dur=0$/);
      await response.text();
      await settle();
      expect(await fleet.door.roundTrips()).toBe(before + (seconds % 3 === 2 ? 1 : 0));
    }
    expect(await fleet.core.seen()).toHaveLength(0);
  });

  test('also when no refresh comes through: then nobody is served after 5 s', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    await fleet.door.become('error');
    fleet.edge.now += 3_000;
    for (let count = 0; count < 5; count += 1) expect(await fleet.verdict()).toBe('hit');
    // One at a time, and again after a second.
    expect(await fleet.door.roundTrips()).toBe(2);
    fleet.edge.now += 1_000;
    expect(await fleet.verdict()).toBe('hit');
    expect(await fleet.door.roundTrips()).toBe(3);
    fleet.edge.now += 1_001;
    expect(await fleet.verdict()).toBe('error');
  });

  test('and is served again once the switch is back', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    await fleet.record({ off: ['l3'] });
    expect(await fleet.verdict()).toBe('miss');
    await fleet.record();
    fleet.edge.now += 5_001;
    expect(await fleet.verdict()).toBe('hit');
  });

  test('lives on when Redis has lost the entry, while the record stands', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    await fleet.dropEntry();
    fleet.edge.now += 60_000;
    expect(await fleet.verdict()).toBe('hit');
    fleet.edge.now += 240_001;
    expect(await fleet.verdict()).toBe('miss');
  });

  test('of a semantic hit is never made, so its source’s quarantine counts at once', async () => {
    const fleet = await Fleet.start();
    await fleet.entry({ origin: 'l1b', source: SOURCE });
    expect(await fleet.verdict()).toBe('hit');
    await fleet.dropEntry();
    expect(await fleet.verdict()).toBe('miss');
    await fleet.entry({ origin: 'l1b', source: SOURCE });
    await fleet.record({ quarantine: [SOURCE] });
    fleet.edge.now += 5_001;
    expect(await fleet.verdict()).toBe('miss');
  });

  test('a record of an earlier epoch than one seen counts as missing', async () => {
    const fleet = await Fleet.start();
    await fleet.record({ epoch: '2000-b' });
    expect(await fleet.verdict()).toBe('miss');
    await fleet.record({ epoch: EPOCH });
    await fleet.entry();
    fleet.edge.now += 5_001;
    expect(await fleet.verdict()).toBe('miss');
  });

  test('an epoch that came with the core’s answer makes an earlier record count no more', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    await fleet.core.answerWith(storedAnswer(storedMeta(fleet.edge.now, { epoch: '2000-b' }), ANSWER, DIGEST));
    await fleet.verdict({}, chatRequest('something else'));
    expect(await fleet.verdict()).toBe('miss');
  });

  test('is made of the core’s own answer too, and lives by the record', async () => {
    const fleet = await Fleet.start();
    await fleet.core.answerWith(storedAnswer(storedMeta(fleet.edge.now), ANSWER, DIGEST));
    expect(await fleet.verdict()).toBe('miss');
    fleet.edge.now += 20_000;
    expect(await fleet.verdict()).toBe('hit');
    expect(await fleet.core.seen()).toHaveLength(1);
  });
});

describe.skipIf(!hasRedis)('a semantic copy is not served', () => {
  test.each([
    ['where the operator has the semantic cache off', { ISARTOR__CACHE_MODE: 'exact' }, {}, 'miss'],
    ['to a caller who bypasses it', {}, { 'x-isartor-bypass': 'l1b' }, 'miss'],
    ['to a key that may have exact repeats alone', LIMITED, { authorization: 'Bearer limited' }, 'miss'],
    ['and is served otherwise', {}, {}, 'hit'],
  ])('%s', async (_, bindings, headers, verdict) => {
    const fleet = await Fleet.start(bindings);
    await fleet.entry({ origin: 'l1b', source: 'a'.repeat(64) });
    expect(await fleet.verdict(headers)).toBe(verdict);
  });
});

describe.skipIf(!hasRedis)('while Redis fails, requests go on', () => {
  test.each(['error', 'silent', 'reset'] as const)(
    'within the bound, visibly, and after three failures without waiting: %s',
    async (mode) => {
      const fleet = await Fleet.start({ ISARTOR__REDIS_TIMEOUT_MS: '100' });
      await fleet.entry();
      await fleet.door.become(mode);
      for (let count = 0; count < 3; count += 1) {
        const began = performance.now();
        const answer = await fleet.ask();
        expect(performance.now() - began).toBeLessThan(1_000);
        expect(answer.text).toBe('"from the core"');
        expect(answer.headers.get('x-isartor-edge')).toBe('error');
      }
      expect(await fleet.verdict()).toBe('error');
      expect(await fleet.door.roundTrips()).toBe(3);
    },
  );

  test('one request at a time tries after a second, the others do not wait, and Redis is read again when it answers', async () => {
    const fleet = await Fleet.start({ ISARTOR__REDIS_TIMEOUT_MS: '400' });
    await fleet.entry();
    await fleet.door.become('error');
    for (let count = 0; count < 3; count += 1) expect(await fleet.verdict()).toBe('error');
    await fleet.door.become('silent');
    fleet.edge.now += 999;
    expect(await fleet.verdict()).toBe('error');
    expect(await fleet.door.roundTrips()).toBe(3);

    fleet.edge.now += 1;
    const trying = fleet.verdict();
    while ((await fleet.door.roundTrips()) < 4) await Promise.resolve();
    expect(await fleet.redisState()).toMatchObject({ state: 'failing', breaker: 'half-open' });
    for (let count = 0; count < 3; count += 1) expect(await fleet.verdict()).toBe('error');
    expect(await fleet.door.roundTrips()).toBe(4);
    expect(await trying).toBe('error');
    expect(await fleet.redisState()).toMatchObject({ state: 'failing', breaker: 'open' });

    await fleet.door.become('open');
    fleet.edge.now += 1_000;
    expect(await fleet.verdict()).toBe('hit');
    expect(await fleet.redisState()).toEqual({ state: 'ok', breaker: 'closed' });
  });

  test('a request that reads twice, its key and its entry, waits for both within the one bound', async () => {
    const fleet = await Fleet.start({ ISARTOR__REDIS_TIMEOUT_MS: '400' });
    await fleet.key('kept in Redis');
    await fleet.entry();
    await fleet.door.become('slow');
    fleet.edge.clockRuns();
    // 250 ms of 400 are gone with the key; a bound of 400 of its own would let the entry come.
    const answer = await fleet.ask({ authorization: 'Bearer kept in Redis' });
    expect([answer.text, answer.headers.get('x-isartor-edge')]).toEqual(['"from the core"', 'error']);
    expect(await fleet.door.roundTrips()).toBe(2);
  });

  test('also when nobody listens there', async () => {
    const fleet = await Fleet.start({ UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9' });
    expect(await fleet.verdict()).toBe('error');
  });

  test('a colo copy is served as long as the last record counts, and no longer', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    expect(await fleet.verdict()).toBe('hit');
    await fleet.door.become('error');
    fleet.edge.now += 5_000;
    expect(await fleet.verdict()).toBe('hit');
    fleet.edge.now += 1;
    expect(await fleet.verdict()).toBe('error');
  });
});
