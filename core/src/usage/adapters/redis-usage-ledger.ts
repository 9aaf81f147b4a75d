import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { GatewayError, isLayerName } from '@isartor/shared';
import { z } from 'zod';
import type { AnyRedis } from '../../redis/redis-client.ts';
import { PeriodicFlush } from '../../redis/periodic-flush.ts';
import { faultCode } from '../../redis/redis-fault.ts';
import { withRedis } from '../../redis/with-redis.ts';
import {
  HOUR_MS,
  USAGE_COUNTS,
  type UsageEvent,
  type UsageLedger,
  type UsageRange,
  type UsageRow,
} from '../usage-ledger.port.ts';
import { noCounts, OTHER_MODEL, UsageTally } from '../usage-tally.ts';
import { ADD_USAGE_LUA } from './add-usage.lua.ts';
import type { MemoryUsageLedgerOptions } from './memory-usage-ledger.ts';

/** How often what was counted is passed on, and how long that, and a report, may take. */
const FLUSH_MS = 5_000;
const WITHIN_MS = 5_000;
/** Rows of one tenant's hour, of all processes together; what comes past them is of other models. */
const MAX_FIELDS = 2_000;
/** Hashes that are read and understood in one turn. */
const READ_AT_ONCE = 20;
/** What a sender's number is kept under; no row's field begins with it. */
const SENDER = '#';

const FIELD = z.tuple([z.string(), z.string(), z.string()]);
const NO_USAGE = noCounts();

/** What a ledger in Redis works with. */
export interface RedisUsageLedgerOptions extends MemoryUsageLedgerOptions {
  readonly namespace: string;
  /** Makes a connection that is not connected yet. */
  readonly connect: () => AnyRedis;
}

/** What is sent until Redis says that it has it. */
interface Batch {
  readonly rows: readonly UsageRow[];
  /** Counts up over all of this sender's. */
  readonly number: number;
}

/** What all processes' requests used: each adds its own every five seconds, and what Redis does not take waits. */
export class RedisUsageLedger implements UsageLedger {
  readonly of = 'redis';
  private readonly nowMs: () => number;
  private readonly sender = `${SENDER}${randomUUID()}`;
  private pending = new UsageTally();
  /** What Redis may have or not: sent again as it was, and its number tells. */
  private unsent: Batch | undefined;
  private lastNumber = 0;
  private readonly flush = new PeriodicFlush(() => this.send(), FLUSH_MS);

  constructor(private readonly options: RedisUsageLedgerOptions) {
    this.nowMs = options.nowMs ?? Date.now;
  }

  add(event: UsageEvent): void {
    this.pending.add(this.hour, event);
  }

  async read(range: UsageRange): Promise<readonly UsageRow[]> {
    try {
      await this.flush.now();
      return await this.withRedis((redis) => this.readRows(redis, range));
    } catch (cause) {
      const message = `What was used cannot be read from Redis (${faultCode(cause)}): ask again.`;
      throw new GatewayError('unconfirmed', message, { retryAfterSecs: 1, cause });
    }
  }

  start(): void {
    this.flush.start();
  }

  close(): Promise<void> {
    return this.flush.close();
  }

  private get hour(): number {
    return Math.floor(this.nowMs() / HOUR_MS);
  }

  private async send(): Promise<void> {
    const isRetry = this.unsent !== undefined;
    this.takePending();
    if (this.unsent === undefined) return;
    await this.withRedis(async (redis) => {
      await this.sendUnsent(redis);
      if (!isRetry) return;
      // What was counted since the other failed.
      this.takePending();
      await this.sendUnsent(redis);
    });
  }

  private takePending(): void {
    if (this.unsent !== undefined) return;
    this.pending.dropBefore(this.hour - this.options.keepHours);
    if (this.pending.size === 0) return;
    this.unsent = { rows: this.pending.all(), number: (this.lastNumber += 1) };
    this.pending = new UsageTally();
  }

  private async sendUnsent(redis: AnyRedis): Promise<void> {
    const batch = this.unsent;
    if (batch === undefined) return;
    const keepSecs = (this.options.keepHours + 1) * (HOUR_MS / 1_000);
    const bounds = [keepSecs, MAX_FIELDS, this.sender, batch.number, USAGE_COUNTS.length].map(String);
    const places = [...Map.groupBy(batch.rows, ({ tenant, hour }) => this.keyOf(tenant, hour))];
    // Single commands, which leave together: a Cluster keeps each tenant on a node of its own.
    await Promise.all([
      ...places.map(([place, rows]) => redis.eval(ADD_USAGE_LUA, 1, place, ...bounds, ...rows.flatMap(argumentsOf))),
      ...places.flatMap(([, [first]]) =>
        first === undefined ? [] : [redis.zadd(this.tenantsKey, 'GT', first.hour, first.tenant)],
      ),
    ]);
    await redis.expire(this.tenantsKey, keepSecs);
    this.unsent = undefined;
  }

  private async readRows(redis: AnyRedis, { fromHour, toHour, tenant }: UsageRange): Promise<readonly UsageRow[]> {
    const first = Math.max(fromHour, this.hour - this.options.keepHours);
    const last = Math.min(toHour, this.hour);
    const tenants =
      tenant === undefined ? await redis.zrange(this.tenantsKey, String(first), '+inf', 'BYSCORE') : [tenant];
    const places = tenants.flatMap((owner) =>
      Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({ owner, hour: first + index })),
    );
    const rows: UsageRow[] = [];
    for (let from = 0; from < places.length; from += READ_AT_ONCE) {
      const some = places.slice(from, from + READ_AT_ONCE);
      const found = await Promise.all(some.map(({ owner, hour }) => redis.hgetall(this.keyOf(owner, hour))));
      for (const [index, { owner, hour }] of some.entries()) rows.push(...rowsIn(found[index] ?? {}, owner, hour));
      await turn();
    }
    return rows;
  }

  private get tenantsKey(): string {
    return `${this.options.namespace}:v1:usage:tenants`;
  }

  private keyOf(tenant: string, hour: number): string {
    return `${this.options.namespace}:v1:usage:{${tenant}}:${hour}`;
  }

  private withRedis<Result>(work: (redis: AnyRedis) => Promise<Result>): Promise<Result> {
    return withRedis(this.options.connect, WITHIN_MS, work);
  }
}

function argumentsOf({ key, model, layer, counts }: UsageRow): string[] {
  const fields = [model, OTHER_MODEL].map((name) => JSON.stringify([key, name, layer]));
  return [...fields, ...USAGE_COUNTS.map((name) => String(counts[name]))];
}

function rowsIn(fields: Readonly<Record<string, string>>, tenant: string, hour: number): UsageRow[] {
  return Object.entries(fields).flatMap(([field, value]) => {
    if (field.startsWith(SENDER)) return [];
    const named = FIELD.safeParse(parsed(field));
    if (!named.success) return [];
    const [key, model, layer] = named.data;
    if (!isLayerName(layer)) return [];
    const sums = value.split(' ').map(Number);
    const counts = { ...NO_USAGE };
    for (const [index, name] of USAGE_COUNTS.entries()) counts[name] = sums[index] ?? 0;
    return [{ tenant, hour, key, model, layer, counts }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
