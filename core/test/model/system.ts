import { HEADER } from '@isartor/shared';
import { chatRequest } from '@isartor/shared/testing';
import { vi } from 'vitest';
import { InflightBudget } from '../../src/inflight/inflight-budget.ts';
import { testRedis, type StartedRedis } from '../support/redis.ts';
import { startCore, type RunningCore } from '../support/start-core.ts';
import { keyList, TENANTS, type Ask } from './asked.ts';
import { CacheModel, STALE_SECS, TTL_SECS, type Asked } from './cache-model.ts';
import { NumberedUpstream } from './numbered-upstream.ts';
import { seenOf, type Seen } from './seen.ts';

const CHAT = '/v1/chat/completions';
const CACHE = '/api/v1/cache';
const ADMIN_KEY = 'admin-key-of-the-model';
/** Ahead of the machine's clock, so that Redis, which has the machine's, drops nothing before the model does. */
const AHEAD_MS = 24 * 3_600_000;
const PATIENCE_MS = 5_000;

/** Cores, their provider and their store, in this process and reached over sockets. */
export class System {
  private runs = 0;

  private constructor(
    readonly upstream: NumberedUpstream,
    readonly cores: readonly RunningCore[],
    private redis: StartedRedis | undefined,
  ) {}

  static async start(store: 'memory' | 'redis'): Promise<System> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + AHEAD_MS });
    const upstream = await NumberedUpstream.start();
    const redis = store === 'redis' ? await testRedis({ own: true }) : undefined;
    if (redis !== undefined && 'skip' in redis) throw new Error(redis.skip);
    const env = {
      ISARTOR__ADMIN_KEY: ADMIN_KEY,
      ISARTOR__AUTH__KEYS: keyList(),
      ISARTOR__CACHE_TTL_SECS: String(TTL_SECS),
      ISARTOR__CACHE_STALE_SECS: String(STALE_SECS),
      ISARTOR__L3__RETRY__MAX_CALLS: '2',
      ISARTOR__L3__RETRY__BASE_WAIT_MS: '0',
      ISARTOR__L3__BREAKER__FAILURES: '1000',
      ...(redis !== undefined && {
        ISARTOR__CACHE_BACKEND: 'redis',
        ISARTOR__REDIS_URL: redis.url,
        ISARTOR__REDIS_TIMEOUT_MS: '1000',
      }),
    };
    const starts = Array.from({ length: redis === undefined ? 1 : 2 }, () => startCore(upstream.server.url, env));
    const system = new System(upstream, await Promise.all(starts), redis);
    await system.untilUp();
    return system;
  }

  /** Whether there is a Redis to restart. */
  get restartable(): boolean {
    return this.redis !== undefined;
  }

  /** A run of its own: nothing purged, switched off or stored under its questions. */
  async newRun(): Promise<CacheModel> {
    const model = new CacheModel(`run${(this.runs += 1)}`, () => Date.now());
    this.upstream.model = model;
    for (const tenant of TENANTS) {
      for (const layer of ['l1a', 'l3']) await this.switch(0, tenant, layer, false);
      await this.purge(0, tenant);
      model.purged(tenant);
    }
    return model;
  }

  /** Sends a request and reads its answer to the end; undefined when the client left before. */
  async send({ id, ask }: Asked, text: string, signal?: AbortSignal): Promise<Seen | undefined> {
    try {
      return await seenOf(await this.call({ id, ask }, text, signal));
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      throw error;
    }
  }

  /** Sends a request; resolves when its answer begins. */
  call({ id, ask }: { id: string; ask: Ask }, text: string, signal?: AbortSignal): Promise<Response> {
    const cacheControl = ask.directive === 'no-cache' || ask.directive === 'no-store' ? ask.directive : undefined;
    return fetch(`${this.coreOf(ask.core).origin}${CHAT}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ask.caller.key}`,
        'content-type': 'application/json',
        [HEADER.requestId]: id,
        ...(cacheControl !== undefined && { 'cache-control': cacheControl }),
        ...(ask.directive === 'bypass' && { [HEADER.bypass]: 'l1a' }),
        ...(ask.ttlSecs !== undefined && { [HEADER.cacheTtl]: String(ask.ttlSecs) }),
        ...(ask.session !== undefined && { [HEADER.sessionId]: ask.session }),
      },
      body: JSON.stringify(chatRequest(text, ask.stream ? { stream: true } : {})),
      ...(signal !== undefined && { signal }),
    });
  }

  purge(core: number, tenant: string): Promise<void> {
    return this.administer(core, 'DELETE', `${CACHE}?tenant=${tenant}`);
  }

  quarantine(core: number, tenant: string, entry: string): Promise<void> {
    return this.administer(core, 'DELETE', `${CACHE}/${entry}?tenant=${tenant}`);
  }

  switch(core: number, tenant: string, layer: string, off: boolean): Promise<void> {
    return this.administer(core, 'POST', `${CACHE}/${off ? 'off' : 'on'}`, { tenant, layer });
  }

  /** Moves the clock that all of this process reads. */
  step(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  /** Comes back when what the core had asked of its store before is answered: one connection keeps its order. */
  async fence(core: number): Promise<void> {
    await (await this.coreOf(core).get('/readyz')).arrayBuffer();
  }

  /** Waits until the core has this many requests in flight. */
  async untilInFlight(core: number, count: number): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (this.coreOf(core).inFlight() < count) {
      if (performance.now() > until) throw new Error(`not ${count} requests in flight`);
      await new Promise(setImmediate);
    }
  }

  async stopRedis(): Promise<void> {
    await this.redis?.stop();
  }

  async startRedis(): Promise<void> {
    if (this.redis === undefined) return;
    const redis = await testRedis({ own: true, port: Number(new URL(this.redis.url).port) });
    if ('skip' in redis) throw new Error(redis.skip);
    this.redis = redis;
    await this.untilUp();
  }

  /** Nothing may be left in flight or charged to the budget when nobody waits any more. */
  async untilIdle(): Promise<void> {
    const budgets = this.cores.map((core) => core.app.get(InflightBudget));
    const busy = () => budgets.some(({ inFlight, bytesInFlight }) => inFlight > 0 || bytesInFlight !== 0);
    for (const until = performance.now() + PATIENCE_MS; busy() && performance.now() < until;) {
      await new Promise(setImmediate);
    }
    if (!busy()) return;
    const held = budgets.map(({ inFlight, bytesInFlight }) => `${inFlight} requests, ${bytesInFlight} bytes`);
    throw new Error(`in flight although nobody waits: ${held.join('; ')}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.cores.map((core) => core.stop()));
    await this.redis?.stop();
    await this.upstream.server.close();
    vi.useRealTimers();
  }

  private coreOf(core: number): RunningCore {
    const one = this.cores[core % this.cores.length];
    if (one === undefined) throw new Error('there is no core');
    return one;
  }

  private async untilUp(): Promise<void> {
    // Of this store alone: the vectors have a connection of their own, which may be back before.
    const up = async (core: RunningCore) =>
      /"exact_cache":\{"status":"up"/.test(await (await core.get('/readyz')).text());
    const until = performance.now() + 2 * PATIENCE_MS;
    for (const core of this.cores) {
      while (!(await up(core))) {
        if (performance.now() > until) throw new Error('the store does not come up');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  private async administer(core: number, method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.coreOf(core).origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  }
}
