import { randomUUID } from 'node:crypto';
import { GatewayError } from '@isartor/shared';
import type { AnyRedis } from '../../redis/redis-client.ts';
import { z } from 'zod';
import { PeriodicFlush } from '../../redis/periodic-flush.ts';
import { faultCode } from '../../redis/redis-fault.ts';
import { withRedis } from '../../redis/with-redis.ts';
import { lastDays, MemoryShadowLedger, reportOf, type ShadowLedgerOptions } from './memory-shadow-ledger.ts';
import {
  MAX_PAIRS,
  REPORT_DAYS,
  type ShadowFinding,
  type ShadowLedger,
  type ShadowPair,
  type ShadowReport,
} from './shadow-ledger.port.ts';
import { COUNTS, scoreOf, ShadowTally } from './shadow-tally.ts';

/** How often what was found is passed on, and how long that may take. */
const FLUSH_MS = 10_000;
const WITHIN_MS = 5_000;
const KEPT_SECS = (REPORT_DAYS + 1) * 86_400;
/** Fields of one day's figures: more than that many groups of all processes together are not told apart. */
const MAX_FIELDS = 20_000;

/** Processes of one day whose last addition is remembered. */
const MAX_SENDERS = 10_000;

/**
 * One day's figures and pairs in one step, and once only: each sender numbers what it sends, in its order. KEYS:
 * figures, pairs, last numbers. ARGV: seconds to live, most fields, pairs kept, most senders, sender, its number, number
 * of figures, then all.
 */
const ADD_LUA = `
local last = redis.call('HGET', KEYS[3], ARGV[5])
if last and tonumber(last) >= tonumber(ARGV[6]) then return 0 end
if last or redis.call('HLEN', KEYS[3]) < tonumber(ARGV[4]) then redis.call('HSET', KEYS[3], ARGV[5], ARGV[6]) end
redis.call('EXPIRE', KEYS[3], ARGV[1])
local fields = tonumber(ARGV[7])
local at = 8
for _ = 1, fields do
  local field, count = ARGV[at], ARGV[at + 1]
  at = at + 2
  if redis.call('HEXISTS', KEYS[1], field) == 1 or redis.call('HLEN', KEYS[1]) < tonumber(ARGV[2]) then
    redis.call('HINCRBY', KEYS[1], field, count)
  end
end
while ARGV[at] do
  redis.call('ZADD', KEYS[2], ARGV[at], ARGV[at + 1])
  at = at + 2
end
redis.call('ZREMRANGEBYRANK', KEYS[2], ARGV[3], -1)
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[1])
return 1
`;

const FIELD = z.tuple([z.string(), z.string(), z.enum(COUNTS)]);
const PAIR = z.object({
  tenant: z.string(),
  model: z.string(),
  asked: z.string(),
  answered: z.string(),
  cosine: z.number(),
  probability: z.number().nullable(),
  texts: z.object({ asked: z.string(), answered: z.string() }).optional(),
});

/** What a ledger in Redis works with. */
export interface RedisShadowLedgerOptions extends ShadowLedgerOptions {
  readonly namespace: string;
  /** Makes a connection that is not connected yet. */
  readonly connect: () => AnyRedis;
}

/** What a day's shadow found, as it is sent until Redis says that it has it. */
interface Batch {
  readonly day: string;
  readonly tally: ShadowTally;
  /** Counts up over all of this sender's. */
  readonly number: number;
}

/** What all processes' shadows found: each adds its own every ten seconds, and what Redis does not take waits. */
export class RedisShadowLedger implements ShadowLedger {
  private readonly pending: MemoryShadowLedger;
  private readonly nowMs: () => number;
  private readonly sender = randomUUID();
  /** At most one of each day: what is found meanwhile waits in `pending`. The first is sent first. */
  private unsent: readonly Batch[] = [];
  private lastNumber = 0;
  private readonly flush = new PeriodicFlush(() => this.send(), FLUSH_MS);

  constructor(private readonly options: RedisShadowLedgerOptions) {
    this.pending = new MemoryShadowLedger(options);
    this.nowMs = options.nowMs ?? Date.now;
  }

  record(finding: ShadowFinding): void {
    this.pending.record(finding);
  }

  /** Throws GatewayError (503) when Redis does not answer. */
  async report(): Promise<ShadowReport> {
    try {
      await this.flush.now();
      const days = lastDays(this.nowMs());
      const tallies = await this.withRedis((redis) => Promise.all(days.map((day) => this.read(redis, day))));
      return reportOf(days, tallies);
    } catch (cause) {
      const message = `What the shadow found cannot be read from Redis (${faultCode(cause)}): ask again.`;
      throw new GatewayError('unconfirmed', message, { retryAfterSecs: 1, cause });
    }
  }

  start(): void {
    this.flush.start();
  }

  close(): Promise<void> {
    return this.flush.close();
  }

  private async send(): Promise<void> {
    this.takePending();
    if (this.unsent.length === 0) return;
    await this.withRedis(async (redis) => {
      await this.sendUnsent(redis);
      // What was found since the others failed.
      this.takePending();
      await this.sendUnsent(redis);
    });
  }

  /** What failed is sent again as it was: whether Redis has it is not known, and its number tells. */
  private takePending(): void {
    const days = lastDays(this.nowMs());
    this.unsent = this.unsent.filter(({ day }) => days.includes(day));
    if (this.unsent.length > 0) return;
    this.unsent = [...this.pending.take()].map(([day, tally]) => ({ day, tally, number: (this.lastNumber += 1) }));
  }

  private async sendUnsent(redis: AnyRedis): Promise<void> {
    for (const batch of this.unsent) {
      await this.add(redis, batch);
      this.unsent = this.unsent.filter((other) => other !== batch);
    }
  }

  private async add(redis: AnyRedis, { day, tally, number }: Batch): Promise<void> {
    const figures = tally
      .all()
      .flatMap((group) =>
        COUNTS.filter((name) => group[name] > 0).map((name) => [
          JSON.stringify([group.tenant, group.model, name]),
          String(group[name]),
        ]),
      );
    const pairs = tally.riskiest().map((pair) => [String(scoreOf(pair)), JSON.stringify(pair)]);
    const bounds = [KEPT_SECS, MAX_FIELDS, MAX_PAIRS, MAX_SENDERS, this.sender, number, figures.length].map(String);
    await redis.eval(ADD_LUA, 3, ...this.keys(day), ...bounds, ...figures.flat(), ...pairs.flat());
  }

  private async read(redis: AnyRedis, day: string): Promise<ShadowTally> {
    const [counts, pairs] = this.keys(day);
    const [figures, texts] = await Promise.all([redis.hgetall(counts), redis.zrange(pairs, 0, String(MAX_PAIRS - 1))]);
    const tally = new ShadowTally();
    for (const [field, count] of Object.entries(figures)) {
      const named = FIELD.safeParse(parsed(field));
      if (!named.success) continue;
      const [tenant, model, name] = named.data;
      const none = { lookups: 0, hits: 0, unmetered: 0, input: 0, cachedInput: 0, output: 0 };
      tally.count(tenant, model, { ...none, [name]: Number(count) });
    }
    tally.keepRiskiest(texts.flatMap(pairOf));
    return tally;
  }

  /** The braces keep a day's keys in one slot of a cluster. */
  private keys(day: string): [counts: string, pairs: string, senders: string] {
    const base = `${this.options.namespace}:v1:shadow:{${day}}`;
    return [`${base}:counts`, `${base}:pairs`, `${base}:senders`];
  }

  private withRedis<Result>(work: (redis: AnyRedis) => Promise<Result>): Promise<Result> {
    return withRedis(this.options.connect, WITHIN_MS, work);
  }
}

function pairOf(text: string): ShadowPair[] {
  const result = PAIR.safeParse(parsed(text));
  if (!result.success) return [];
  const { texts, ...pair } = result.data;
  return [texts === undefined ? pair : { ...pair, texts }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
