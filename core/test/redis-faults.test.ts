import { encodeTenantRecord, HEADER, nextEpoch, tenantRecordKey } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRedis, type StartedRedis } from './support/redis.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
/** What a request may wait for Redis, and room for a busy machine: without the bound these tests wait for seconds. */
const BOUND_MS = 100;
const BOUND_AND_NOISE_MS = 400;
const RECORD = tenantRecordKey('isartor', 'default');

const probe = await testRedis();
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();

let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});

/** A Redis that a test may hurt. */
class Patient {
  private constructor(
    readonly server: StartedRedis,
    private readonly pid: number,
  ) {}

  static async start(port?: number): Promise<Patient> {
    const server = await testRedis(port === undefined ? { own: true } : { own: true, port });
    if ('skip' in server) throw new Error(server.skip);
    if (server.pid === undefined) throw new Error('a Redis in a container cannot be paused');
    const patient = new Patient(server, server.pid);
    running.push(patient);
    return patient;
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** As an operator at its console. */
  async tell(...command: [string, ...string[]]): Promise<unknown> {
    const client = new Redis(this.server.url);
    try {
      return await client.call(...command);
    } finally {
      client.disconnect();
    }
  }

  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.server.stop();
  }

  async stop(): Promise<void> {
    if (isAlive(this.pid)) this.resume();
    await this.server.stop();
  }
}

/** A way to a local Redis on which its answers take their time. */
class SlowWay {
  /** How long each piece of an answer is held back, in ms. */
  delayMs = 0;
  private readonly server = createServer((client) => this.join(client, connect(this.port, '127.0.0.1')));
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly port: number) {}

  static async to(port: number): Promise<SlowWay> {
    const way = new SlowWay(port);
    running.push(way);
    await once(way.server.listen(0, '127.0.0.1'), 'listening');
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await once(this.server.close(), 'close');
  }

  private join(client: Socket, target: Socket): void {
    const leave = (): void => void [client.destroy(), target.destroy()];
    for (const socket of [client, target]) this.sockets.add(socket.on('error', leave).on('close', leave));
    client.on('data', (data) => target.write(data));
    // One after the other, so that none overtakes another when the delay gets shorter.
    let last = Promise.resolve();
    target.on('data', (data) => {
      last = last.then(() => pause(this.delayMs)).then(() => void (client.destroyed || client.write(data)));
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function coreOn(url: string): Promise<RunningCore> {
  const core = await startCore(upstream.url, {
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: url,
    ISARTOR__REDIS_TIMEOUT_MS: String(BOUND_MS),
  });
  running.push(core);
  return core;
}

/** A core and its Redis, which holds an answer to `known`. */
async function pair(): Promise<{ core: RunningCore; redis: Patient }> {
  const redis = await Patient.start();
  const core = await coreOn(redis.server.url);
  await untilReady(core, { status: 'up' });
  await ask(core, 'known');
  await vi.waitFor(async () => expect((await ask(core, 'known')).cache).toBe('hit'));
  return { core, redis };
}

async function ask(core: RunningCore, prompt: string) {
  const response = await core.post(CHAT, chatRequest(prompt));
  await response.text();
  const waitedMs = Number(/l1a;dur=([\d.]+)/.exec(response.headers.get('server-timing') ?? '')?.[1]);
  return {
    status: response.status,
    layer: layerOf(response),
    cache: response.headers.get(HEADER.cache),
    waitedMs,
  };
}

async function exactCacheCheck(core: RunningCore): Promise<unknown> {
  const response = await core.get('/readyz');
  expect(response.status).toBe(200);
  return ((await response.json()) as { checks: { exact_cache: unknown } }).checks.exact_cache;
}

function untilReady(core: RunningCore, shape: object): Promise<void> {
  return vi.waitFor(async () => expect(await exactCacheCheck(core)).toMatchObject(shape), { timeout: 10_000 });
}

/** Asks until nobody waits any more, and sees that every request was answered, by L3, within its bound. */
async function answeredAllTheSame(core: RunningCore): Promise<void> {
  for (let count = 0; count < 6; count += 1) {
    const answer = await ask(core, 'known');
    expect(answer).toMatchObject({ status: 200, layer: 'l3', cache: 'miss;why=error' });
    expect(answer.waitedMs).toBeLessThan(BOUND_AND_NOISE_MS);
    // Three have paid; the others are told at once.
    if (count > 3) expect(answer.waitedMs).toBeLessThan(BOUND_MS / 2);
  }
}

/** Redis serves what it holds, and takes what is new. */
async function recovered(core: RunningCore, known?: 'hit' | 'miss;why=absent'): Promise<void> {
  await untilReady(core, { status: 'up' });
  if (known !== undefined) expect((await ask(core, 'known')).cache).toBe(known);
  const fresh = `fresh ${crypto.randomUUID()}`;
  expect((await ask(core, fresh)).cache).toBe('miss;why=absent');
  await vi.waitFor(async () => expect((await ask(core, fresh)).cache).toBe('hit'));
}

describe.skipIf(skip !== undefined)(`a Redis that fails (${skip ?? 'real'})`, () => {
  it('dead, and started again empty', async () => {
    const { core, redis } = await pair();
    await redis.kill();
    await answeredAllTheSame(core);
    await untilReady(core, { status: 'down', detail: expect.stringMatching(/^ECONNREFUSED$/) });
    await Patient.start(redis.port);
    await recovered(core, 'miss;why=absent');
  });

  it('paused, and going on', async () => {
    const { core, redis } = await pair();
    redis.pause();
    await answeredAllTheSame(core);
    expect(await exactCacheCheck(core)).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/^timeout$/),
    });
    redis.resume();
    await recovered(core, 'hit');
  });

  it('paused under a burst: everyone waits once, together', async () => {
    const { core, redis } = await pair();
    redis.pause();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, count) => ask(core, `burst ${count}`)));
    expect(new Set(answers.map(({ status, cache }) => `${status} ${cache}`))).toEqual(new Set(['200 miss;why=error']));
    // The layer's own time includes the machine's; what counts is that no wait comes on top of another.
    expect(Math.max(...answers.map(({ waitedMs }) => waitedMs))).toBeLessThan(2 * BOUND_AND_NOISE_MS);
    redis.resume();
    await recovered(core, 'hit');
  });

  it('paused for so long that its connection is given up', async () => {
    const { core, redis } = await pair();
    redis.pause();
    await answeredAllTheSame(core);
    // Every connection that the kernel takes in the stopped server's name ends the same way.
    await vi.waitFor(
      async () => expect(await exactCacheCheck(core)).not.toMatchObject({ detail: expect.stringMatching(/timeout$/) }),
      { timeout: 12_000, interval: 200 },
    );
    redis.resume();
    await recovered(core, 'hit');
  });

  it('slow, and fast again', async () => {
    const redis = await Patient.start();
    const way = await SlowWay.to(redis.port);
    const core = await coreOn(way.url);
    await untilReady(core, { status: 'up' });
    await ask(core, 'known');
    await vi.waitFor(async () => expect((await ask(core, 'known')).cache).toBe('hit'));
    way.delayMs = 600;
    await answeredAllTheSame(core);
    expect(await exactCacheCheck(core)).toMatchObject({ status: 'down' });
    way.delayMs = 0;
    await recovered(core, 'hit');
  });

  it('full: what it holds is served, what is new is not stored', async () => {
    const { core, redis } = await pair();
    await redis.tell('CONFIG', 'SET', 'maxmemory', '1');
    expect((await ask(core, 'known')).cache).toBe('hit');
    for (let count = 0; count < 5; count += 1) {
      expect(await ask(core, 'new')).toMatchObject({ status: 200, layer: 'l3', cache: 'miss;why=absent' });
    }
    await untilReady(core, {
      status: 'degraded',
      since: expect.any(String),
      detail: expect.stringMatching(/^writes are refused \(OOM\)$/),
    });
    await redis.tell('CONFIG', 'SET', 'maxmemory', '0');
    expect(await exactCacheCheck(core)).toEqual({ status: 'up' });
    await recovered(core, 'hit');
  });

  it('full from the start: a tenant without a record is answered uncached', async () => {
    const redis = await Patient.start();
    await redis.tell('CONFIG', 'SET', 'maxmemory', '1');
    const core = await coreOn(redis.server.url);
    await untilReady(core, { status: 'up' });
    for (let count = 0; count < 5; count += 1) {
      expect(await ask(core, 'new')).toMatchObject({ status: 200, layer: 'l3', cache: 'miss;why=error' });
    }
    expect(await exactCacheCheck(core)).toMatchObject({ detail: expect.stringContaining('writes are refused (OOM)') });
    await redis.tell('CONFIG', 'SET', 'maxmemory', '0');
    await recovered(core, 'miss;why=absent');
  });

  it('a wrong password, until it is the right one', async () => {
    const redis = await Patient.start();
    await redis.tell('CONFIG', 'SET', 'requirepass', 'the-right-one');
    const core = await coreOn(`redis://:another-one@127.0.0.1:${redis.port}`);
    await untilReady(core, { status: 'down', detail: expect.stringMatching(/WRONGPASS$/) });
    await answeredAllTheSame(core);
    const shown = JSON.stringify(await exactCacheCheck(core));
    expect(shown).not.toMatch(/another-one|127\.0\.0\.1/);
    const console = new Redis(`redis://:the-right-one@127.0.0.1:${redis.port}`);
    await console.config('SET', 'requirepass', 'another-one');
    console.disconnect();
    await recovered(core, 'miss;why=absent');
  });

  it('a read-only replica: what it holds is served, until it is the master again', async () => {
    const { core, redis } = await pair();
    await redis.tell('REPLICAOF', '127.0.0.1', '1');
    expect((await ask(core, 'known')).cache).toBe('hit');
    for (let count = 0; count < 5; count += 1) {
      expect(await ask(core, 'new')).toMatchObject({ status: 200, layer: 'l3', cache: 'miss;why=absent' });
    }
    await untilReady(core, { status: 'degraded', detail: expect.stringContaining('writes are refused (READONLY)') });
    await redis.tell('REPLICAOF', 'NO', 'ONE');
    expect(await exactCacheCheck(core)).toEqual({ status: 'up' });
    await recovered(core, 'hit');
  });

  it('a replica that has lost its master and will not read', async () => {
    const { core, redis } = await pair();
    await redis.tell('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    await redis.tell('REPLICAOF', '127.0.0.1', '1');
    await answeredAllTheSame(core);
    expect(await exactCacheCheck(core)).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/MASTERDOWN$/),
    });
    await redis.tell('REPLICAOF', 'NO', 'ONE');
    await recovered(core, 'hit');
  });

  it('restarted between two requests', async () => {
    const { core, redis } = await pair();
    await redis.kill();
    await Patient.start(redis.port);
    const answer = await ask(core, 'known');
    expect(answer.status).toBe(200);
    expect(answer.waitedMs).toBeLessThan(BOUND_AND_NOISE_MS);
    // Whether the connection was back in time for it to be stored is a matter of luck.
    await recovered(core);
  });

  it('restored from an older snapshot: nothing purged comes back, until the purge that follows a restoration', async () => {
    const { core, redis } = await pair();
    const snapshot = await dumpOf(redis);
    const purged = nextEpoch(Date.now(), undefined);
    await redis.tell('SET', RECORD, encodeTenantRecord({ epoch: purged, off: [], quarantine: [] }));
    expect((await ask(core, 'known')).cache).toBe('miss;why=epoch');
    await redis.kill();
    const restored = await Patient.start(redis.port);
    await restore(restored, snapshot);
    await untilReady(core, { status: 'up' });
    for (let count = 0; count < 3; count += 1) {
      expect(await ask(core, 'known')).toMatchObject({ status: 200, layer: 'l3', cache: 'miss;why=epoch' });
    }
    expect(await exactCacheCheck(core)).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/^1 tenant record\(s\) are older/),
    });
    const after = nextEpoch(Date.now(), purged);
    await restored.tell('SET', RECORD, encodeTenantRecord({ epoch: after, off: [], quarantine: [] }));
    expect((await ask(core, 'known')).cache).toBe('miss;why=epoch');
    await vi.waitFor(async () => expect((await ask(core, 'known')).cache).toBe('hit'));
    expect(await exactCacheCheck(core)).toEqual({ status: 'up' });
  });
});

/** Keys with their values as Redis itself writes them into a snapshot. */
async function dumpOf(redis: Patient): Promise<Map<string, Buffer>> {
  const client = new Redis(redis.server.url);
  const snapshot = new Map<string, Buffer>();
  for (const key of await client.keys('*')) snapshot.set(key, (await client.dumpBuffer(key)) ?? Buffer.alloc(0));
  client.disconnect();
  return snapshot;
}

async function restore(redis: Patient, snapshot: ReadonlyMap<string, Buffer>): Promise<void> {
  const client = new Redis(redis.server.url);
  for (const [key, value] of snapshot) await client.restore(key, 0, value, 'REPLACE');
  client.disconnect();
}
