import { z } from 'zod';
import type { AnyRedis } from '../../../redis/redis-client.ts';
import { faultCode } from '../../../redis/redis-fault.ts';
import { withRedis } from '../../../redis/with-redis.ts';
import type { Logger } from '../../../telemetry/log.ts';
import type { KeyRest, KeyRests } from '../key-rests.port.ts';

/** How long one telling, or one reading of what was told, may take. */
const WITHIN_MS = 2_000;
/** A rest that is longer is none of ours. */
const MAX_REST_MS = 3_600_000;
const WHY = z.enum(['limited', 'quota', 'revoked']);
const MESSAGE = z.object({ id: z.string().max(64), why: WHY, restMs: z.number().int().min(1).max(MAX_REST_MS) });

/** What the rests in Redis work with. */
export interface RedisKeyRestsOptions {
  readonly namespace: string;
  /** Makes a connection that is not connected yet. */
  readonly connect: () => AnyRedis;
  readonly log: Logger;
}

/**
 * Rests in Redis: a key of its own for each, which ends with it, for pods that start or come back, and a message to all
 * that listen. Times are told as what is left, so that pods' clocks need not agree.
 */
export class RedisKeyRests implements KeyRests {
  private listener: AnyRedis | undefined;

  constructor(private readonly options: RedisKeyRestsOptions) {}

  tell(rest: KeyRest): void {
    const { id, why, restMs } = rest;
    // Each to its own node, where Redis is a Cluster.
    this.work((redis) =>
      Promise.all([redis.set(this.keyOf(id), why, 'PX', restMs), redis.publish(this.channel, JSON.stringify(rest))]),
    ).catch((error: unknown) =>
      this.options.log.warn({ reason: faultCode(error) }, 'a resting key is not told to others'),
    );
  }

  listen(ids: readonly string[], onRest: (rest: KeyRest) => void): void {
    const listener = this.options.connect();
    this.listener = listener;
    listener.on('message', (_channel: string, text: string) => {
      const rest = readMessage(text);
      if (rest !== undefined) onRest(rest);
    });
    // What was told while nobody listened is read each time the connection is there.
    listener.on('ready', () => {
      listener
        .subscribe(this.channel)
        .then(() => this.read(ids, onRest))
        .catch((error: unknown) =>
          this.options.log.warn({ reason: faultCode(error) }, 'resting keys are not heard of'),
        );
    });
    // It reconnects by itself; that Redis is away is told elsewhere.
    listener.on('error', () => undefined);
    listener.connect().catch(() => undefined);
  }

  close(): Promise<void> {
    this.listener?.disconnect();
    return Promise.resolve();
  }

  private async read(ids: readonly string[], onRest: (rest: KeyRest) => void): Promise<void> {
    await this.work(async (redis) => {
      for (const id of ids) {
        const [why, restMs] = await Promise.all([redis.get(this.keyOf(id)), redis.pttl(this.keyOf(id))]);
        const rest = MESSAGE.safeParse({ id, why, restMs });
        if (rest.success) onRest(rest.data);
      }
    });
  }

  private get channel(): string {
    return `${this.options.namespace}:v1:key-rests`;
  }

  private keyOf(id: string): string {
    return `${this.options.namespace}:v1:key-rest:${id}`;
  }

  private work<Result>(what: (redis: AnyRedis) => Promise<Result>): Promise<Result> {
    return withRedis(this.options.connect, WITHIN_MS, what);
  }
}

function readMessage(text: string): KeyRest | undefined {
  try {
    return MESSAGE.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
