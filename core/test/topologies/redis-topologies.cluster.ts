import { entryKey, decodeStoredEntry, encodeStoredEntry, gatewayKey, HEADER } from '@isartor/shared';
import { chatRequest, exactCacheContract, fakeUpstream, wellBehaved } from '@isartor/shared/testing';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisTenantRecords } from '../../src/l1a-exact-cache/tenant-records/redis-tenant-records.ts';
import { RedisExactCacheStore } from '../../src/l1a-exact-cache/adapters/redis-exact-cache-store.ts';
import { RedisVectorIndex } from '../../src/l1b-semantic-cache/adapters/redis-vector-index.ts';
import { vectorIndexContract } from '../../src/l1b-semantic-cache/vector-index.contract.ts';
import { RedisKeyRests } from '../../src/l3-cloud/keys/adapters/redis-key-rests.ts';
import { createRedis } from '../../src/redis/redis-client.ts';
import { sha256Hex } from '../../src/sha256-hex.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { RedisUsageLedger } from '../../src/usage/adapters/redis-usage-ledger.ts';
import type { UsageEvent } from '../../src/usage/usage-ledger.port.ts';
import { startCore, type RunningCore } from '../support/start-core.ts';
import { until, type RedisProcess } from './redis-process.ts';
import { startCluster } from './start-cluster.ts';
import { startSentinels } from './start-sentinels.ts';

/** Servers that stand in for each other. */
interface Topology {
  readonly url: string;
  /** Masters, one of which is killed. */
  readonly masters: readonly RedisProcess[];
  stop(): Promise<void>;
}

const TOPOLOGIES: readonly (readonly [name: string, start: () => Promise<Topology>])[] = [
  ['Redis Cluster', startCluster],
  [
    'Redis behind sentinels',
    async () => {
      const { url, master, stop } = await startSentinels();
      return { url, masters: [master], stop };
    },
  ],
];

const USED: UsageEvent = {
  tenant: '',
  key: 'web',
  model: 'gpt-4o',
  layer: 'l3',
  requests: 1,
  usage: { input: 7, output: 3 },
  spentUsd: 0.25,
  savedUsd: 0,
};
const QUESTIONS = 40;
const CLIENTS = 4;
const BACK_WITHIN_MS = 30_000;

describe.each(TOPOLOGIES)('%s', (name, start) => {
  let topology: Topology;
  const connect = (timeoutMs = 2_000) => createRedis({ url: topology.url, db: 0, timeoutMs });
  const namespace = `test-${crypto.randomUUID()}`;
  const log = createLog('silent');

  beforeAll(async () => {
    topology = await start();
  });
  afterAll(() => topology.stop());

  exactCacheContract(name, async () => {
    const redis = connect();
    const published = { policy: 'p', keys: [gatewayKey('a key', sha256Hex)] };
    const store = new RedisExactCacheStore(redis, { namespace, published, log });
    store.start();
    await once(redis, 'ready');
    return {
      read: async (key) => {
        const { entry } = await store.read('tenant', key);
        return entry === undefined ? undefined : encodeStoredEntry(entry);
      },
      write: async (key, bytes, expiresAtMs) => {
        const entry = decodeStoredEntry(bytes);
        if (entry === undefined) throw new Error('the contract writes whole entries');
        await store.write(key, entry);
        await redis.pexpireat(entryKey(namespace, key), expiresAtMs);
      },
      close: () => store.close(),
    };
  });

  vectorIndexContract(name, async () => {
    const redis = connect(5_000);
    let clock = Date.now();
    const now = (): number => clock;
    const index = new RedisVectorIndex(redis, { namespace: `test-${crypto.randomUUID()}`, log, nowMs: now });
    index.start();
    await once(redis, 'ready');
    return { index, now, advance: (ms) => void (clock += ms) };
  });

  it('confirms a purge only when the replicas have it', async () => {
    const records = new RedisTenantRecords({ namespace, connect });
    const first = await records.change('purged', { kind: 'purge' });
    const second = await records.change('purged', { kind: 'purge' });
    expect(second.before?.epoch).toBe(first.after.epoch);
    expect((await records.read('purged'))?.epoch).toBe(second.after.epoch);
  });

  it('counts what tenants used, each on its own node', async () => {
    const ledger = new RedisUsageLedger({ namespace, keepHours: 48, connect });
    const tenants = ['acme', 'umbrella', 'initech', 'hooli'];
    for (const tenant of tenants) ledger.add({ ...USED, tenant });
    const rows = await ledger.read({ fromHour: 0, toHour: Number.MAX_SAFE_INTEGER, tenant: undefined });
    expect(rows.map(({ tenant }) => tenant).toSorted()).toEqual(tenants.toSorted());
    await ledger.close();
  });

  it('tells every pod of a key that rests, those that come later too', async () => {
    const pods = [0, 1, 2].map(() => new RedisKeyRests({ namespace, connect, log }));
    const [first, second, late] = pods;
    const heard: string[] = [];
    second?.listen(['k1'], ({ id, why }) => heard.push(`second ${id} ${why}`));
    // A message that comes before the subscription is read when that is there.
    first?.tell({ id: 'k1', why: 'limited', restMs: 60_000 });
    await until(() => heard.length > 0, 'the other pod hears of it');
    late?.listen(['k1'], ({ id, why }) => heard.push(`late ${id} ${why}`));
    await until(() => heard.includes('late k1 limited'), 'a pod that comes later hears of it');
    expect(new Set(heard)).toEqual(new Set(['second k1 limited', 'late k1 limited']));
    await Promise.all(pods.map((pod) => pod.close()));
  });

  it('loses a master under load: no request fails, no answer is another’s, and the cache is used again', async () => {
    const upstream = await fakeUpstream({ respond: wellBehaved });
    const core = await startCore(upstream.url, {
      ISARTOR__CACHE_BACKEND: 'redis',
      ISARTOR__REDIS_URL: topology.url,
      ISARTOR__CACHE_MODE: 'exact',
    });
    const load = beginLoad(core);
    await until(() => load.hits() > 100, 'answers come from the cache');

    const before = load.missed();
    topology.masters[0]?.child.kill('SIGKILL');
    await until(() => load.missed() > before, 'the loss is felt');
    // Every question is answered from the cache again: those of the lost master's, too.
    await until(async () => (await hitsOf(core)) === QUESTIONS, 'the cache is whole again', BACK_WITHIN_MS);
    await load.stop();
    await core.stop();
    await upstream.close();

    expect(load.wrong).toEqual([]);
  });
});

const questionOf = (at: number): string => `question ${at % QUESTIONS}`;

async function ask(core: RunningCore, question: string) {
  const response = await core.post('/v1/chat/completions', chatRequest(question));
  return { status: response.status, layer: response.headers.get(HEADER.layer), text: await response.text() };
}

/** How many of all questions are answered from the cache. */
async function hitsOf(core: RunningCore): Promise<number> {
  const answers = await Promise.all(Array.from({ length: QUESTIONS }, (_, at) => ask(core, questionOf(at))));
  return answers.filter(({ layer }) => layer === 'l1a').length;
}

function beginLoad(core: RunningCore) {
  const wrong: unknown[] = [];
  let hits = 0;
  let missed = 0;
  let running = true;
  const client = async (offset: number): Promise<void> => {
    for (let at = offset; running; at += 1) {
      const answer = await ask(core, questionOf(at));
      if (answer.layer === 'l1a') hits += 1;
      else missed += 1;
      if (answer.status !== 200 || !answer.text.includes(`"Answer to: ${questionOf(at)}"`)) wrong.push(answer);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, at) => client(at * 7));
  return {
    wrong,
    hits: () => hits,
    missed: () => missed,
    stop: async () => {
      running = false;
      await Promise.all(clients);
    },
  };
}
