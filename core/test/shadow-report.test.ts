import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownRedis } from './support/own-redis.ts';
import { referenceModel } from './support/reference-model.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
const MINILM = referenceModel('all-MiniLM-L6-v2');
const CHAT = '/v1/chat/completions';
const REPORT = '/api/v1/cache/report';
const ADMIN_KEY = 'admin-key-of-the-test';
const ASKED = 'How do I reset a password?';
const PARAPHRASE = 'How can I reset a password?';
const CLI = join(import.meta.dirname, '..', '..', 'infra', 'local', 'src', 'report.ts');

interface Report {
  readonly mode: string;
  readonly of: string;
  readonly groups: readonly { readonly hits: number; readonly lookups: number; readonly output: number }[];
  readonly riskiest: readonly { readonly asked: string; readonly answered: string; readonly texts?: object }[];
}

let upstream: FakeUpstream;
const cores: RunningCore[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.stop()));
  await upstream.close();
});
afterAll(stopRedis);

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const core = await startCore(upstream.url, {
    ISARTOR__ADMIN_KEY: ADMIN_KEY,
    ISARTOR__SEMANTIC_CACHE__MODE: 'shadow',
    ISARTOR__SEMANTIC_CACHE__MODEL_DIR: MINILM ?? '',
    ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
    ISARTOR__SIMILARITY_THRESHOLD: '0.8',
    ...env,
  });
  cores.push(core);
  return core;
}

async function reportOf(core: RunningCore, query = ''): Promise<Report> {
  const response = await core.get(`${REPORT}${query}`, { authorization: `Bearer ${ADMIN_KEY}` });
  expect(response.status).toBe(200);
  return (await response.json()) as Report;
}

/** Asks one question and then the other in the shadow, until what would have been served is in the report. */
async function shadowHit(core: RunningCore): Promise<Report> {
  return vi.waitFor(
    async () => {
      await (await core.post(CHAT, chatRequest(ASKED), { 'cache-control': 'no-cache' })).text();
      // Past the exact cache, which would answer what it was asked before.
      const paraphrase = await core.post(CHAT, chatRequest(PARAPHRASE), { [HEADER.bypass]: 'l1a' });
      expect(layerOf(paraphrase)).toBe('l3');
      await paraphrase.text();
      const report = await reportOf(core);
      expect(report.groups[0]?.hits).toBeGreaterThan(0);
      return report;
    },
    { timeout: 20_000, interval: 100 },
  );
}

describe('the report', () => {
  it('is for the admin key, and below the administration’s path', async () => {
    const core = await start({ ISARTOR__SEMANTIC_CACHE__MODEL_DIR: '' });
    expect((await core.get(REPORT)).status).toBe(403);
    expect((await core.get(REPORT, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await core.post(REPORT, {}, { authorization: `Bearer ${ADMIN_KEY}` })).status).toBe(405);
    const bad = await core.get(`${REPORT}?tenants=x`, { authorization: `Bearer ${ADMIN_KEY}` });
    expect([bad.status, await bad.json()]).toMatchObject([400, { message: expect.stringContaining('tenants') }]);
    expect(await reportOf(core, '?tenant=other')).toMatchObject({
      v: 1,
      mode: 'shadow',
      of: 'memory',
      groups: [],
      riskiest: [],
    });
  });

  it.skipIf(MINILM === undefined)(
    'says what would have been served, and whose text it was only by digests',
    async () => {
      const core = await start();
      const { groups, riskiest } = await shadowHit(core);
      const hit = groups[0];
      expect(hit).toMatchObject({ tenant: 'default', model: 'gpt-4o-mini', unmetered: 0 });
      expect(hit?.output).toBeGreaterThan(0);
      expect(hit?.lookups).toBeGreaterThanOrEqual(hit?.hits ?? 0);
      const source = (await core.post(CHAT, chatRequest(ASKED))).headers.get(HEADER.entry);
      expect(riskiest).toEqual([
        {
          tenant: 'default',
          model: 'gpt-4o-mini',
          asked: expect.stringMatching(/^[0-9a-f]{64}$/),
          answered: source,
          cosine: expect.any(Number),
          probability: expect.any(Number),
        },
      ]);
    },
  );

  it.skipIf(MINILM === undefined || redisSkip !== undefined)(
    'is one of all processes on Redis, with texts where they are kept, and printed by npm run report',
    async () => {
      const env = {
        ISARTOR__CACHE_BACKEND: 'redis',
        ISARTOR__REDIS_URL: redis,
        ISARTOR__REDIS_TIMEOUT_MS: '2000',
        ISARTOR__CACHE_NAMESPACE: `t${crypto.randomUUID()}`,
        ISARTOR__SEMANTIC_CACHE__LOG_PAIRS: 'true',
      };
      const [one, other] = [await start(env), await start({ ...env, ISARTOR__SEMANTIC_CACHE__MODEL_DIR: '' })];
      const { riskiest } = await shadowHit(one);
      expect(riskiest[0]?.texts).toEqual({ asked: PARAPHRASE, answered: ASKED });
      expect((await reportOf(other)).riskiest).toEqual(riskiest);

      const file = join(mkdtempSync(join(tmpdir(), 'isartor-report-')), 'report.json');
      const args = ['--conditions=isartor-source', CLI, '--json', file];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        env: { PATH: process.env['PATH'] ?? '', ISARTOR__ADMIN_KEY: ADMIN_KEY, ISARTOR_CORE_URL: other.origin },
      });
      expect(stdout).toMatch(/^default +gpt-4o-mini +\d+ +\d+ +\d+\.\d % +\d+ +\d+ +\$0\.\d{6}$/m);
      expect(stdout).toContain(`    ${PARAPHRASE}\n    ${ASKED}\n`);
      const written = JSON.parse(readFileSync(file, 'utf8')) as { usdNotSpent: number };
      expect(written.usdNotSpent).toBeGreaterThan(0);
    },
    40_000,
  );
});
