import { errorBody, GatewayError, type Operation, type ProviderDialect } from '@isartor/shared';
import { resumed, type Rest } from '../../upstream/read-reply.ts';
import type { UpstreamCall, UpstreamReply } from '../../upstream/upstream.port.ts';
import type { Provider } from '../provider.port.ts';
import type { KeyPool } from './key-pool.ts';
import { KeyRefusedError } from './key-refused-error.ts';
import { JUDGED_STATUSES, keyVerdict } from './key-verdict.ts';

/** How much of a refusal is read before it is judged. */
const MAX_JUDGED_BYTES = 16 * 1024;

const NO_MORE = { done: true, value: undefined } as const;
const NOTHING_MORE: Rest<Uint8Array> = {
  next: () => Promise.resolve(NO_MORE),
  return: () => Promise.resolve(NO_MORE),
};

/** A provider with several keys: each call goes out with one that may be asked, and what is answered is held against it. */
export class PooledProvider implements Provider {
  readonly name: string;
  readonly dialect: ProviderDialect;
  readonly serves: ReadonlySet<Operation> | undefined;
  readonly defaultModel: string;
  readonly asksUsage: boolean;
  readonly weight: number | undefined;
  readonly firstByteMs: number | undefined;
  private readonly first: Provider;

  /** @param members the same provider with each of the pool's keys, in their order */
  constructor(
    private readonly members: readonly Provider[],
    private readonly pool: KeyPool,
    private readonly unixMs: () => number = Date.now,
  ) {
    const [first] = members;
    if (first === undefined) throw new TypeError('There is no key.');
    this.first = first;
    this.name = first.name;
    this.dialect = first.dialect;
    this.serves = first.serves;
    this.defaultModel = first.defaultModel;
    this.asksUsage = first.asksUsage;
    this.weight = first.weight;
    this.firstByteMs = first.firstByteMs;
  }

  hasReadyKey(): boolean {
    return this.pool.ready > 0;
  }

  /** Throws KeyRefusedError for a key that is none, or whose money is used up; as any provider besides. */
  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const index = this.pool.take();
    const member = index === undefined ? undefined : this.members[index];
    if (index === undefined || member === undefined) return this.withoutKey();
    const reply = await member.call(call);
    return JUDGED_STATUSES.has(reply.status) ? this.judged(reply, index) : reply;
  }

  listModels(signal: AbortSignal): Promise<readonly string[]> {
    return (this.members[this.pool.take() ?? 0] ?? this.first).listModels(signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }

  private async judged(reply: UpstreamReply, index: number): Promise<UpstreamReply> {
    const chunks = reply.body[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    let size = 0;
    let isWhole = false;
    while (size < MAX_JUDGED_BYTES && !isWhole) {
      const next = await chunks.next();
      isWhole = next.done === true;
      if (next.done === true) break;
      head.push(next.value);
      size += next.value.byteLength;
    }
    const verdict = keyVerdict(reply.status, reply.headers, Buffer.concat(head, size).toString('utf8'), this.unixMs());
    if (verdict !== undefined) this.pool.rest(index, verdict);
    if (verdict !== undefined && reply.status !== 429) {
      reply.abandon();
      throw new KeyRefusedError(this.name, reply.status);
    }
    if (isWhole) return { ...reply, body: resumed(head, NOTHING_MORE) };
    const rest: Rest<Uint8Array> = {
      next: () => chunks.next(),
      return: async () => {
        await chunks.return?.();
        return NO_MORE;
      },
    };
    return { ...reply, body: resumed(head, rest) };
  }

  /** All rest: what the provider would say is known. */
  private withoutKey(): UpstreamReply {
    const resting = this.pool.resting();
    const limited = resting.filter(({ why }) => why === 'limited');
    if (limited.length === 0) {
      const message = `Every key of the provider ${this.name} was refused. This is for the operator to mend.`;
      throw new GatewayError('upstream_refused_us', message);
    }
    const retryAfterSecs = Math.ceil(Math.min(...limited.map(({ restMs }) => restMs)) / 1_000);
    const message = `Every key of the provider ${this.name} is over its rate limit.`;
    const error = new GatewayError('rate_limited', message, { retryAfterSecs });
    const body = Buffer.from(JSON.stringify(errorBody(this.dialect, error)));
    return {
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': String(retryAfterSecs) },
      body: resumed<Uint8Array>([body], NOTHING_MORE),
      abandon: () => undefined,
    };
  }
}
