import {
  decodeStoredEntry,
  encodeStoredEntry,
  encodeTenantRecord,
  entryKey,
  nextEpoch,
  parseTenantRecord,
  policyKey,
  tenantRecordKey,
  type StoredEntry,
  type TenantRecord,
} from '@isartor/shared';
import { Cluster } from 'ioredis';
import type { AnyRedis, BoundedRedis } from '../../redis/redis-client.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { BreakerState } from '../../upstream/circuit-breaker.ts';
import type { Time } from '../../upstream/time.ts';
import type { ExactCacheReading, ExactCacheStore, StoreHealth } from '../exact-cache-store.port.ts';
import { LatestEpochs } from '../latest-epochs.ts';
import { announceAbsent, announceAll, readEvictionPolicy, type Announcement } from './redis-announcement.ts';
import { faultCode, isRefusal, RedisFault } from '../../redis/redis-fault.ts';
import { RedisGuard } from '../../redis/redis-guard.ts';
import { degradedHealth, downHealth, upHealth } from './redis-health.ts';
import { OutdatedRecords, WriteRefusals } from './redis-shortcomings.ts';

/** How often the policy is put back should it be missing. */
const REPUBLISH_MS = 30_000;

/** What a Redis store works with. */
export interface RedisStoreOptions {
  readonly namespace: string;
  readonly published: Announcement;
  readonly log: Logger;
  /** Told when Redis is left alone and when it is asked again. */
  readonly onBreaker?: ((state: BreakerState) => void) | undefined;
  readonly time?: Time | undefined;
  /** Shared with whoever changes records, so that a purge holds in this process at once. */
  readonly epochs?: LatestEpochs | undefined;
}

/**
 * Answers in a Redis that all pods and, read-only, the edge share. Expiry is Redis' own. No operation takes longer than
 * the connection's bound, and while Redis is known not to answer, none is made: see redis-guard.ts.
 */
export class RedisExactCacheStore implements ExactCacheStore {
  private readonly epochs: LatestEpochs;
  private readonly outdated = new OutdatedRecords();
  private readonly refusals = new WriteRefusals();
  private readonly guard: RedisGuard;
  private readonly namespace: string;
  private republish: NodeJS.Timeout | undefined;
  private evictionFault: string | undefined;
  private lostBy: string | undefined;

  constructor(
    private readonly redis: BoundedRedis,
    private readonly options: RedisStoreOptions,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.namespace = options.namespace;
    this.epochs = options.epochs ?? new LatestEpochs();
    this.guard = new RedisGuard({
      boundMs: redis.boundMs,
      trial: () => redis.get(policyKey(options.namespace)),
      lostBy: () => this.lostBy,
      onChange: (state) => this.breakerChanged(state),
      time: options.time,
    });
  }

  start(): void {
    const { log, published } = this.options;
    this.redis.on('error', (error: Error) => {
      const code = faultCode(error);
      if (code !== this.lostBy) log.warn({ reason: error.message }, 'Redis is not reachable: going on without it');
      this.lostBy = code;
    });
    this.redis.on('ready', () => {
      this.lostBy = undefined;
      log.info('Redis is reachable');
      this.guard.tryNow();
      this.attempt('announce', announceAll(this.redis, this.namespace, published));
      this.attempt('eviction', this.checkEviction());
    });
    this.republish = setInterval(() => {
      if (this.redis.status === 'ready')
        this.attempt('announce', announceAbsent(this.redis, this.namespace, published));
    }, REPUBLISH_MS);
    // The 'error' event tells what went wrong, and the client goes on trying.
    this.redis.connect().catch(() => undefined);
  }

  read(tenant: string, digest: string | undefined): Promise<ExactCacheReading> {
    return this.readOr(tenant, digest, () => this.createRecord(tenant));
  }

  peek(tenant: string, digest: string | undefined): Promise<ExactCacheReading> {
    return this.readOr(tenant, digest, () => Promise.resolve(undefined));
  }

  private readOr(
    tenant: string,
    digest: string | undefined,
    whereNone: () => Promise<TenantRecord | undefined>,
  ): Promise<ExactCacheReading> {
    return this.guard.ask(async () => {
      const [recordBytes, entryBytes] = await readAll(this.redis, keysOf(this.namespace, tenant, digest));
      const record = recordBytes ? parseTenantRecord(recordBytes.toString()) : await whereNone();
      return { record: this.admit(tenant, record), entry: entryBytes ? decodeStoredEntry(entryBytes) : undefined };
    }, 'MGET');
  }

  async write(digest: string, entry: StoredEntry): Promise<void> {
    const { buffer, byteOffset, byteLength } = encodeStoredEntry(entry);
    const value = Buffer.from(buffer, byteOffset, byteLength);
    const key = entryKey(this.namespace, digest);
    await this.guard.ask(() => this.writing(() => this.redis.set(key, value, 'PXAT', entry.meta.staleUntil)), 'SET');
  }

  async health(): Promise<StoreHealth> {
    try {
      await this.guard.ask(() => this.redis.get(policyKey(this.namespace)));
      if (this.refusals.since !== undefined) await this.tryWriting();
    } catch (error) {
      return downHealth(this.guard.outage?.sinceUnixMs ?? this.nowMs(), faultCode(error));
    }
    const shortcoming = this.refusals.shortcoming ?? this.outdated.shortcoming;
    return shortcoming === undefined ? upHealth(this.evictionFault) : degradedHealth(shortcoming);
  }

  async close(): Promise<void> {
    clearInterval(this.republish);
    this.guard.close();
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** Another pod may create it at the same time: whichever came first is in force for both. */
  private async createRecord(tenant: string): Promise<TenantRecord | undefined> {
    const record: TenantRecord = { epoch: nextEpoch(this.nowMs(), this.epochs.of(tenant)), off: [], quarantine: [] };
    const key = tenantRecordKey(this.namespace, tenant);
    const existing = await this.writing(() => this.redis.set(key, encodeTenantRecord(record), 'NX', 'GET'));
    return existing === null ? record : parseTenantRecord(existing);
  }

  private admit(tenant: string, record: TenantRecord | undefined): TenantRecord | undefined {
    const admitted = this.epochs.admit(tenant, record);
    if (record !== undefined) this.outdated.note(tenant, admitted === undefined, this.nowMs());
    return admitted;
  }

  /** A Redis that refuses to write (full, a replica, out of disk) still reads. */
  private async writing<Value>(command: () => Promise<Value>): Promise<Value> {
    try {
      const value = await command();
      this.refusals.taken();
      return value;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.refusals.refused(faultCode(error), this.nowMs());
      throw new RedisFault('write-refused', faultCode(error), error);
    }
  }

  /** What is refused for want of room or of a master is refused to this small value too. */
  private async tryWriting(): Promise<void> {
    const key = policyKey(this.namespace);
    const { policy } = this.options.published;
    try {
      await this.guard.ask(() => this.writing(() => this.redis.set(key, policy, 'NX')));
    } catch (error) {
      if (!(error instanceof RedisFault) || error.kind !== 'write-refused') throw error;
    }
  }

  private breakerChanged(state: BreakerState): void {
    const { log, onBreaker } = this.options;
    if (state === 'open') log.debug({ reason: this.guard.outage?.code }, 'Redis does not answer: it is left alone');
    onBreaker?.(state);
  }

  /** An evicted tenant record would undo a purge or a kill switch. */
  private async checkEviction(): Promise<void> {
    const policy = await readEvictionPolicy(this.redis);
    const safe = policy === undefined || policy === 'noeviction' || policy.startsWith('volatile-');
    this.evictionFault = safe
      ? undefined
      : `maxmemory-policy is ${policy}: set volatile-lru, or tenant records may be evicted`;
    if (this.evictionFault !== undefined) this.options.log.warn(this.evictionFault);
  }

  private attempt(action: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.options.log.warn({ action, reason: error instanceof Error ? error.message : 'unknown' }, 'Redis refused');
    });
  }
}

/** In one command; of a Cluster, which refuses keys of different slots, in several that leave together. */
function readAll(redis: AnyRedis, keys: readonly string[]): Promise<(Buffer | null)[]> {
  if (redis instanceof Cluster) return Promise.all(keys.map((key) => redis.getBuffer(key)));
  return redis.mgetBuffer([...keys]);
}

/** The tenant's record, and the entry where one is asked for. */
function keysOf(namespace: string, tenant: string, digest: string | undefined): string[] {
  const record = tenantRecordKey(namespace, tenant);
  return digest === undefined ? [record] : [record, entryKey(namespace, digest)];
}
