import { setTimeout as pause } from 'node:timers/promises';
import { encodeTenantRecord, HEADER, parseTenantRecord, tenantRecordKey } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testRedis, type StartedRedis } from '../../local/src/testing/index.ts';
import { Supervisor } from '../support/supervisor.ts';

const KEY = 'isk-end-to-end';
/** How old a tenant record may be at the edge. */
const RECORD_LIFE_MS = 5_000;

interface Seen {
  readonly at: number;
  readonly status: number;
  readonly layer: string | null;
  readonly edge: string | null;
}

let upstream: FakeUpstream;
let redis: StartedRedis | { readonly skip: string };
let supervisor: Supervisor | undefined;

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  redis = await testRedis({ own: true });
});

afterEach(async () => {
  supervisor?.interrupt('SIGTERM');
  await supervisor?.ended;
  supervisor = undefined;
  if ('stop' in redis) await redis.stop();
  await upstream.close();
});

async function startOn(url: string): Promise<string> {
  supervisor = new Supervisor({
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__EXTERNAL_LLM_URL: upstream.url,
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: url,
  });
  return /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
}

/** Four clients that ask one of five questions after another until they are stopped. */
function load(edge: string): { seen: Seen[]; stop(): Promise<void> } {
  const seen: Seen[] = [];
  let running = true;
  const client = async (): Promise<void> => {
    for (let count = 0; running; count += 1) {
      const response = await fetch(`${edge}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(chatRequest(`question ${count % 5}`)),
      });
      await response.text();
      const { headers, status } = response;
      seen.push({ at: performance.now(), status, layer: headers.get(HEADER.layer), edge: headers.get(HEADER.edge) });
    }
  };
  const clients = Array.from({ length: 4 }, client);
  return {
    seen,
    stop: async () => {
      running = false;
      await Promise.all(clients);
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(20);
}

it('a layer put into the tenant record’s off list under load: within 5 s no answer of that origin, colo copies included', async ({
  skip,
}) => {
  if ('skip' in redis) return skip(redis.skip);
  const edge = await startOn(redis.url);
  const { seen, stop } = load(edge);
  await until(() => seen.filter((one) => one.edge === 'hit').length > 50);

  const client = new Redis(redis.url);
  const key = tenantRecordKey('isartor', 'default');
  const record = parseTenantRecord((await client.get(key)) ?? '');
  if (record === undefined) throw new Error('the core has made no record');
  await client.set(key, encodeTenantRecord({ ...record, off: ['l3'] }));
  const switchedOff = performance.now();
  await until(() => performance.now() > switchedOff + RECORD_LIFE_MS + 3_000);
  await client.set(key, encodeTenantRecord(record));
  const switchedOn = performance.now();
  const during = seen.filter((one) => one.at > switchedOff + RECORD_LIFE_MS && one.at < switchedOn);
  await until(() => seen.some((one) => one.at > switchedOn && one.edge === 'hit'));
  await stop();
  client.disconnect();

  expect(during.length).toBeGreaterThan(20);
  expect(new Set(during.map((one) => one.layer))).toEqual(new Set(['l3']));
  expect(new Set(seen.map((one) => one.status))).toEqual(new Set([200]));
});

it('Redis is killed and started again under load: no request fails, and it is used again', async ({ skip }) => {
  if ('skip' in redis) return skip(redis.skip);
  const port = Number(new URL(redis.url).port);
  const edge = await startOn(redis.url);
  const { seen, stop } = load(edge);
  await until(() => seen.filter((one) => one.edge === 'hit').length > 50);
  await redis.stop();
  const killed = seen.length;
  await until(() => seen.length > killed + 200);
  redis = await testRedis({ own: true, port });
  const again = seen.length;
  await until(() => seen.slice(again).some((one) => one.layer === 'l1a' && one.edge === 'hit'));
  await stop();
  expect(new Set(seen.map((one) => one.status))).toEqual(new Set([200]));
});
