import {
  decodeStoredEntry,
  encodeStoredEntry,
  encodeTenantRecord,
  entryKey,
  nextEpoch,
  parseTenantRecord,
  tenantRecordKey,
  type StoredEntry,
  type TenantRecord,
} from '@isartor/shared';
import type { Redis } from 'ioredis';
import type { Logger } from '../../telemetry/log.ts';
import type { ExactCacheReading, ExactCacheStore, StoreHealth } from '../exact-cache-store.port.ts';
import { LatestEpochs } from '../latest-epochs.ts';
import { announceAbsent, announceAll, readEvictionPolicy, type Announcement } from './redis-announcement.ts';

/** How often the policy is put back should it be missing. */
const REPUBLISH_MS = 30_000;

/** What a Redis store works with. */
export interface RedisStoreOptions {
  readonly namespace: string;
  readonly published: Announcement;
  readonly log: Logger;
}

/** Answers in a Redis that all pods and, read-only, the edge share. Expiry is Redis' own. */
export class RedisExactCacheStore implements ExactCacheStore {
  private readonly epochs = new LatestEpochs();
  private readonly namespace: string;
  private republish: NodeJS.Timeout | undefined;
  private evictionFault: string | undefined;

  constructor(
    private readonly redis: Redis,
    private readonly options: RedisStoreOptions,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.namespace = options.namespace;
  }

  start(): void {
    const { log, published } = this.options;
    let lastError = '';
    this.redis.on('error', (error: Error) => {
      if (error.message !== lastError)
        log.warn({ reason: error.message }, 'Redis is not reachable: going on without it');
      lastError = error.message;
    });
    this.redis.on('ready', () => {
      lastError = '';
      log.info('Redis is reachable');
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

  async read(tenant: string, digest: string | undefined): Promise<ExactCacheReading> {
    // Both leave in one write: the client pipelines what is asked in one tick.
    const [recordText, entryBytes] = await Promise.all([
      this.redis.get(tenantRecordKey(this.namespace, tenant)),
      digest === undefined ? null : this.redis.getBuffer(entryKey(this.namespace, digest)),
    ]);
    const record = recordText === null ? await this.createRecord(tenant) : parseTenantRecord(recordText);
    return {
      record: this.epochs.admit(tenant, record),
      entry: entryBytes === null ? undefined : decodeStoredEntry(entryBytes),
    };
  }

  async write(digest: string, entry: StoredEntry): Promise<void> {
    const { buffer, byteOffset, byteLength } = encodeStoredEntry(entry);
    const value = Buffer.from(buffer, byteOffset, byteLength);
    await this.redis.set(entryKey(this.namespace, digest), value, 'PXAT', entry.meta.staleUntil);
  }

  async health(): Promise<StoreHealth> {
    try {
      await this.redis.ping();
      return { status: 'up', detail: this.evictionFault };
    } catch (error) {
      return { status: 'down', detail: error instanceof Error ? error.message : 'unknown' };
    }
  }

  async close(): Promise<void> {
    clearInterval(this.republish);
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** Another pod may create it at the same time: whichever came first is in force for both. */
  private async createRecord(tenant: string): Promise<TenantRecord | undefined> {
    const record: TenantRecord = { epoch: nextEpoch(this.nowMs(), undefined), off: [], quarantine: [] };
    const key = tenantRecordKey(this.namespace, tenant);
    const existing = await this.redis.set(key, encodeTenantRecord(record), 'NX', 'GET');
    return existing === null ? record : parseTenantRecord(existing);
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
