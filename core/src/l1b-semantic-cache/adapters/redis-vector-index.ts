import type { BoundedRedis } from '../../redis/redis-client.ts';
import { faultCode } from '../../redis/redis-fault.ts';
import { RedisGuard } from '../../redis/redis-guard.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { BreakerState } from '../../upstream/circuit-breaker.ts';
import type { IndexedQuestion, Neighbour, Partition, VectorIndex, VectorIndexHealth } from '../vector-index.port.ts';
import { addElement, livingNear, questionOf, removeElements, setKey } from './vector-set.ts';
import { VectorSetRegister } from './vector-set-register.ts';

/** Most sets of one tenant: a set of one element costs 3.4 KB (measured). */
const MAX_SETS = 2_000;
/** How often a server that knows no vector sets is asked whether it has learnt them. */
const RECHECK_MS = 60_000;
const WITHOUT_SETS =
  'this Redis has no vector sets (Redis 8 has them): set semantic_cache.redis_url to one that has, or semantic_cache.index to memory for vectors of each process alone';

/** What a Redis vector index works with. */
export interface RedisVectorIndexOptions {
  readonly namespace: string;
  readonly log: Logger;
  readonly onBreaker?: ((state: BreakerState) => void) | undefined;
  readonly nowMs?: () => number;
  /** Most sets of one tenant. */
  readonly maxSets?: number;
}

/**
 * Vectors in Redis 8's vector sets, which all pods share: one set a scope. Epoch, policy and expiry are filtered in the
 * search. No operation takes longer than the connection's bound, and none is made while Redis does not answer.
 */
export class RedisVectorIndex implements VectorIndex {
  private readonly guard: RedisGuard;
  private readonly register: VectorSetRegister;
  private readonly nowMs: () => number;
  /** Undefined: not known yet. */
  private hasSets: boolean | undefined;
  private recheck: NodeJS.Timeout | undefined;
  private lostBy: string | undefined;
  private started = false;

  constructor(
    private readonly redis: BoundedRedis,
    private readonly options: RedisVectorIndexOptions,
  ) {
    this.nowMs = options.nowMs ?? Date.now;
    this.register = new VectorSetRegister(redis, options.namespace, options.maxSets ?? MAX_SETS);
    this.guard = new RedisGuard({
      boundMs: redis.boundMs,
      trial: () => redis.ping(),
      lostBy: () => this.lostBy,
      onChange: options.onBreaker,
    });
  }

  get isUp(): boolean {
    return this.hasSets !== false && this.guard.asks;
  }

  start(): void {
    this.started = true;
    const { log } = this.options;
    this.redis.on('error', (error: Error) => {
      const code = faultCode(error);
      if (code !== this.lostBy) log.warn({ reason: code }, 'the Redis of the vectors is not reachable');
      this.lostBy = code;
    });
    this.redis.on('ready', () => {
      this.lostBy = undefined;
      this.guard.tryNow();
      void this.check();
    });
    this.recheck = setInterval(() => {
      if (this.hasSets !== true && this.redis.status === 'ready') void this.check();
    }, RECHECK_MS);
    this.recheck.unref();
    // The 'error' event tells what went wrong, and the client goes on trying.
    this.redis.connect().catch(() => undefined);
  }

  async search(partition: Partition, vector: Float32Array, count: number): Promise<readonly Neighbour[]> {
    const key = setKey(this.options.namespace, partition);
    const found = await this.guard.ask(
      () => livingNear(this.redis, key, partition, vector, count, this.nowMs()),
      'VSIM',
    );
    return found.flatMap(({ element, cosine }) => {
      const question = questionOf(element);
      // What another version wrote in another form is none of ours.
      return question === undefined ? [] : [{ ...question, cosine }];
    });
  }

  async add(partition: Partition, vector: Float32Array, question: IndexedQuestion): Promise<void> {
    const now = this.nowMs();
    if (question.expiresAt <= now) return;
    const key = setKey(this.options.namespace, partition);
    const [expired] = await Promise.all([
      this.guard.ask(() => addElement(this.redis, key, partition, vector, question, now), 'VADD'),
      this.guard.ask(() => this.register.note(partition.tenant, key, question.expiresAt, now)),
    ]);
    // What is not swept now is swept later, and expires with its set.
    if (expired.length > 0) await this.guard.ask(() => removeElements(this.redis, key, expired));
  }

  async note(
    { epoch, policy }: Partition,
    { digest, expiresAt }: Pick<IndexedQuestion, 'digest' | 'expiresAt'>,
  ): Promise<boolean> {
    const key = `${this.options.namespace}:v1:vn:{${digest}}`;
    const value = `${expiresAt} ${epoch} ${policy}`;
    const before = await this.guard.ask(() => this.redis.set(key, value, 'PXAT', expiresAt, 'GET'));
    const [until, ...of] = before?.split(' ') ?? [];
    return Number(until) > this.nowMs() && of.join(' ') === `${epoch} ${policy}`;
  }

  async remove(partition: Partition, question: Pick<IndexedQuestion, 'digest' | 'text'>): Promise<void> {
    const key = setKey(this.options.namespace, partition);
    await this.guard.ask(() => removeElements(this.redis, key, [`${question.digest} ${question.text}`]), 'VREM');
  }

  async health(): Promise<VectorIndexHealth> {
    // A command would connect it.
    if (!this.started) return { status: 'down', detail: 'not connected: there is no embedder' };
    if (this.hasSets === false) return { status: 'down', detail: WITHOUT_SETS };
    try {
      await this.guard.ask(() => this.redis.ping());
      return { status: 'up', detail: 'redis' };
    } catch (error) {
      return { status: 'down', detail: `redis: ${faultCode(error)}` };
    }
  }

  close(): Promise<void> {
    clearInterval(this.recheck);
    this.guard.close();
    this.redis.disconnect();
    return Promise.resolve();
  }

  /** A server that came back may be another one, of another version. */
  private async check(): Promise<void> {
    const before = this.hasSets;
    try {
      await this.redis.call('VCARD', setKey(this.options.namespace, PROBE));
      this.hasSets = true;
      if (before === false) this.options.log.info('the Redis of the vectors has vector sets now');
    } catch (error) {
      if (!(error instanceof Error) || !/unknown command/i.test(error.message)) return;
      this.hasSets = false;
      if (before !== false) this.options.log.warn(`the semantic cache (L1b) is not available: ${WITHOUT_SETS}`);
    }
  }
}

/** A set that is never there. */
const PROBE: Partition = { tenant: '', scope: '', epoch: '', policy: '' };
