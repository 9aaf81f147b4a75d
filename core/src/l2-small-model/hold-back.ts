import { GatewayError, type SseFrame } from '@isartor/shared';
import { errorInEvents } from '../upstream/error-inside.ts';
import { resumed, type Rest } from '../upstream/read-reply.ts';
import type { Time } from '../upstream/time.ts';
import type { Confidence } from './confidence.ts';
import { judge, type GateRule } from './quality-gate.ts';
import { sayingIn } from './read-said.ts';

/** How long a stream is held back after its first text, in ms. */
const HOLD_MS = 1_000;
/** What is held back at most. */
const HELD_BYTES = 256 * 1024;

/** What became of a stream that was held back: passed on from its first event, or given up. */
export type Held =
  | { readonly kind: 'passed'; readonly events: AsyncIterable<readonly SseFrame[]> }
  | { readonly kind: 'refused'; readonly rule: GateRule };

const EXPIRED = Symbol('expired');

/**
 * Holds a stream back until the gate has seen enough of it. From the first text on it waits a bounded time; what was not
 * refused by then is passed on. `confidence` is told what the model says of itself. After the refusal of a stream that
 * says nothing any more, the caller must abandon its call. Throws a GatewayError when the stream breaks or ends before.
 */
export async function holdBack(
  events: AsyncIterable<readonly SseFrame[]>,
  bounded: boolean,
  confidence: Confidence,
  time: Pick<Time, 'after'>,
): Promise<Held> {
  const source = events[Symbol.asyncIterator]();
  const held: (readonly SseFrame[])[] = [];
  const clock = new HoldClock(time);
  let text = '';
  let finish: string | undefined;
  let bytes = 0;
  try {
    for (;;) {
      const pending = source.next();
      const next = await Promise.race([pending, clock.expired]);
      if (next === EXPIRED) {
        const rest = afterPending(pending, source);
        return confidence.isTooLow
          ? { kind: 'refused', rule: 'confidence' }
          : { kind: 'passed', events: resumed(held, rest) };
      }
      if (next.done === true) throw new GatewayError('upstream_error', 'The stream ended before its answer did.');
      held.push(next.value);
      const message = errorInEvents(next.value);
      if (message !== undefined) throw new GatewayError('upstream_error', message);
      const more = sayingIn(next.value);
      text += more.text;
      finish = more.finish ?? finish;
      confidence.add(more.logprobs);
      for (const frame of next.value) bytes += frame.bytes.byteLength;
      if (text.trim() !== '') clock.start();
      const verdict = judge({ text, finish, bounded, isUnsure: confidence.isTooLow });
      if (verdict.kind === 'pass') {
        return { kind: 'passed', events: resumed(held, afterPending(undefined, source)) };
      }
      if (verdict.kind === 'refuse' || bytes > HELD_BYTES) {
        await source.return?.();
        return { kind: 'refused', rule: verdict.kind === 'refuse' ? verdict.rule : 'length' };
      }
    }
  } catch (error) {
    await source.return?.();
    throw error;
  } finally {
    clock.stop();
  }
}

/** Runs from the first text on. */
class HoldClock {
  readonly expired: Promise<typeof EXPIRED>;
  private readonly expire: (value: typeof EXPIRED) => void;
  private cancel: (() => void) | undefined;

  constructor(private readonly time: Pick<Time, 'after'>) {
    const { promise, resolve } = Promise.withResolvers<typeof EXPIRED>();
    this.expired = promise;
    this.expire = resolve;
  }

  start(): void {
    this.cancel ??= this.time.after(HOLD_MS, () => this.expire(EXPIRED));
  }

  stop(): void {
    this.cancel?.();
  }
}

type Batch = readonly SseFrame[];

/** The rest of a source of which one batch may have been asked for already. */
function afterPending(
  pending: Promise<IteratorResult<Batch, unknown>> | undefined,
  source: AsyncIterator<Batch>,
): Rest<Batch> {
  let asked = pending;
  asked?.catch(() => undefined);
  const settle = (result: IteratorResult<Batch, unknown>): IteratorResult<Batch, void> =>
    result.done === true ? { done: true, value: undefined } : result;
  return {
    next: async () => {
      const next = asked ?? source.next();
      asked = undefined;
      return settle(await next);
    },
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
  };
}
