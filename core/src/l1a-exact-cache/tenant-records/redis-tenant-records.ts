import { GatewayError, nextEpoch, parseTenantRecord, tenantRecordKey, type TenantRecord } from '@isartor/shared';
import type { Redis } from 'ioredis';
import { masterOf, type AnyRedis } from '../../redis/redis-client.ts';
import { withRedis } from '../../redis/with-redis.ts';
import { CHANGE_RECORD_LUA } from './change-record.lua.ts';
import type { ChangedRecord, TenantChange, TenantRecords } from './tenant-records.port.ts';

/** How long a change may take in all before it counts as not confirmed, and how much of it replicas may take. */
const CHANGE_WITHIN_MS = 5_000;
const REPLICAS_WITHIN_MS = 3_000;

/** What the records in Redis work with. */
export interface RedisTenantRecordsOptions {
  readonly namespace: string;
  /**
   * Makes a connection that is not connected yet. Each change has one of its own: waiting for replicas blocks it, and
   * the requests' connection must not stand still.
   */
  readonly connect: (commandTimeoutMs: number) => AnyRedis;
  /** Told of each new record, so that this process obeys at once. */
  readonly onChange?: ((tenant: string, record: TenantRecord) => void) | undefined;
  /** Unix milliseconds. */
  readonly nowMs?: (() => number) | undefined;
}

/** The records that all cores and the edge read. */
export class RedisTenantRecords implements TenantRecords {
  constructor(private readonly options: RedisTenantRecordsOptions) {}

  read(tenant: string): Promise<TenantRecord | undefined> {
    return this.withRedis(async (redis) => {
      const text = await redis.get(this.key(tenant));
      return text === null ? undefined : parseTenantRecord(text);
    });
  }

  async change(tenant: string, change: TenantChange): Promise<ChangedRecord> {
    const changed = await this.withRedis(async (client) => {
      // Replicas confirm what came over the very connection that asks them to.
      const redis = await masterOf(client, this.key(tenant));
      const replicas = await connectedReplicas(redis);
      const result = await this.evaluate(redis, tenant, change);
      const confirmed = replicas === 0 ? 0 : await redis.wait(replicas, REPLICAS_WITHIN_MS);
      if (confirmed < replicas) throw new Error(`only ${confirmed} of ${replicas} replicas confirmed it`);
      return result;
    });
    this.options.onChange?.(tenant, changed.after);
    return changed;
  }

  private async evaluate(redis: Redis, tenant: string, change: TenantChange): Promise<ChangedRecord> {
    const what = 'layer' in change ? change.layer : 'digest' in change ? change.digest : '';
    const nowMs = this.options.nowMs?.() ?? Date.now();
    const random = nextEpoch(nowMs, undefined).split('-')[1] ?? '';
    const reply: unknown = await redis.eval(
      CHANGE_RECORD_LUA,
      1,
      this.key(tenant),
      change.kind,
      what,
      Math.floor(nowMs),
      random,
    );
    const [before, after] = Array.isArray(reply) ? reply.map(recordOf) : [];
    if (after === undefined) throw new Error('Redis answered with what is no record');
    return { before, after };
  }

  private async withRedis<Result>(work: (redis: AnyRedis) => Promise<Result>): Promise<Result> {
    try {
      return await withRedis(() => this.options.connect(CHANGE_WITHIN_MS), CHANGE_WITHIN_MS, work);
    } catch (error) {
      throw unconfirmed(error);
    }
  }

  private key(tenant: string): string {
    return tenantRecordKey(this.options.namespace, tenant);
  }
}

function recordOf(reply: unknown): TenantRecord | undefined {
  return typeof reply === 'string' ? parseTenantRecord(reply) : undefined;
}

/** 0 where there are none, or where the server does not tell (managed services answer for their own replicas). */
async function connectedReplicas(redis: Redis): Promise<number> {
  try {
    return Number(/^connected_slaves:(\d+)/m.exec(await redis.info('replication'))?.[1] ?? 0);
  } catch (error) {
    if (error instanceof Error && /^(NOPERM|ERR)/.test(error.message)) return 0;
    throw error;
  }
}

/** The client's own words may hold an address: of those only the code is passed on. */
function unconfirmed(cause: unknown): GatewayError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  const reason = code ?? (cause instanceof Error ? cause.message.slice(0, 200) : 'unknown');
  const message = `Redis did not confirm this (${reason}). A change may or may not be in force: ask again.`;
  return new GatewayError('unconfirmed', message, { retryAfterSecs: 1, cause });
}
