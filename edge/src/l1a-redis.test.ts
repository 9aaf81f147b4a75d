import { encodeStoredEntry, encodeTenantRecord, entryKey, policyKey, tenantRecordKey } from '@isartor/shared';
import type { StoredEntryMeta, TenantRecord } from '@isartor/shared';
import { chatBody, chatRequest } from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from './sha256-hex.ts';
import { CoreProgram } from './testing/core-program.ts';
import { EdgeUnderTest } from './testing/edge-under-test.ts';
import { RedisDoor, hasRedis } from './testing/redis-door.ts';
import { EPOCH, POLICY, digestOf, storedAnswer, storedMeta } from './testing/stored.ts';

const ANSWER = chatBody('Paris, “né” 漢字 🙂.');
const ASKED = chatRequest('Capital of France?');
const DIGEST = digestOf(ASKED);

/** A second key of the same tenant, for exact repeats alone. */
const LIMITED = {
  ISARTOR__AUTH__KEYS: JSON.stringify([{ tenant: 'default', name: 'k', sha256: sha256Hex('limited'), cache: 'exact' }]),
};

/** An edge on Redis, a core that has nothing stored, and a hand on the keys. */
class Fleet {
  readonly namespace = `fleet-${crypto.randomUUID()}`;
  readonly door = new RedisDoor();
  readonly edge: EdgeUnderTest;

  private constructor(
    readonly core: CoreProgram,
    bindings: Record<string, string>,
  ) {
    const redis = {
      ...this.door.bindings,
      ISARTOR__CACHE_NAMESPACE: this.namespace,
      ISARTOR__REDIS_TIMEOUT_MS: '5000',
    };
    this.edge = new EdgeUnderTest({ ...redis, ...bindings });
  }

  static async start(bindings: Record<string, string> = {}): Promise<Fleet> {
    const fleet = new Fleet(await CoreProgram.on('coreA', { chunks: ['"from the core"'] }), bindings);
    await fleet.record();
    await fleet.policy(POLICY);
    return fleet;
  }

  record(changes: Partial<TenantRecord> = {}): Promise<void> {
    const record = { epoch: EPOCH, off: [], quarantine: [], ...changes };
    return this.door.set(tenantRecordKey(this.namespace, 'default'), encodeTenantRecord(record));
  }

  policy(policy: string): Promise<void> {
    return this.door.set(policyKey(this.namespace), policy);
  }

  entry(changes: Partial<StoredEntryMeta> = {}, body = ANSWER, digest = DIGEST): Promise<void> {
    const entry = { meta: storedMeta(this.edge.now, changes), body: new TextEncoder().encode(JSON.stringify(body)) };
    return this.door.set(entryKey(this.namespace, digest), encodeStoredEntry(entry));
  }

  dropEntry(): Promise<void> {
    return this.door.delete(entryKey(this.namespace, DIGEST));
  }

  async verdict(headers: Record<string, string> = {}, body: object = ASKED): Promise<string | null> {
    return (await this.ask(headers, body)).headers.get('x-isartor-edge');
  }

  ask(headers: Record<string, string> = {}, body: object = ASKED): ReturnType<EdgeUnderTest['ask']> {
    return this.edge.ask({ headers: { ...this.core.headers, ...headers }, body });
  }
}

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
    await fleet.core.answerWith(storedAnswer(storedMeta(fleet.edge.now, { epoch: '2000-b' }), ANSWER));
    await fleet.verdict({}, chatRequest('something else'));
    expect(await fleet.verdict()).toBe('miss');
  });

  test('is made of the core’s own answer too, and lives by the record', async () => {
    const fleet = await Fleet.start();
    await fleet.core.answerWith(storedAnswer(storedMeta(fleet.edge.now), ANSWER));
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
    'within the bound, visibly, and without waiting twice: %s',
    async (mode) => {
      const fleet = await Fleet.start({ ISARTOR__REDIS_TIMEOUT_MS: '100' });
      await fleet.door.become(mode);
      const began = performance.now();
      const answer = await fleet.ask();
      expect(performance.now() - began).toBeLessThan(3_000);
      expect(answer.text).toBe('"from the core"');
      expect(answer.headers.get('x-isartor-edge')).toBe('error');
      expect(await fleet.verdict()).toBe('error');
      expect(await fleet.door.roundTrips()).toBe(1);
    },
  );

  test('and Redis is asked again after a second', async () => {
    const fleet = await Fleet.start();
    await fleet.entry();
    await fleet.door.become('error');
    expect(await fleet.verdict()).toBe('error');
    await fleet.door.become('open');
    fleet.edge.now += 999;
    expect(await fleet.verdict()).toBe('error');
    fleet.edge.now += 1;
    expect(await fleet.verdict()).toBe('hit');
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
