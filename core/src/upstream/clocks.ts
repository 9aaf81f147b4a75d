import { GatewayError } from '@isartor/shared';
import type { Time } from './time.ts';

/** How long providers may take over one request, in ms. The silence between two bytes is watched by the connection. */
export interface Clocks {
  /** Until the first byte, all calls and waits together; of a stream, until its first whole event. */
  readonly firstByteMs: number;
  /** Until a plain answer is whole. */
  readonly plainMs: number;
  /** Until a stream has ended. */
  readonly streamMs: number;
}

/** What a reply's reader tells the clock it runs against. */
export interface ReplyClock {
  readonly signal: AbortSignal;
  firstByteIn(): void;
  stop(): void;
}

/** The time that one request has: every call to a provider runs on what the ones before have left. */
export class RequestDeadline {
  private readonly startedAt: number;
  private readonly wholeMs: number;

  constructor(
    private readonly time: Time,
    private readonly clocks: Clocks,
    stream: boolean,
    startedAtMs = time.nowMs(),
  ) {
    this.startedAt = startedAtMs;
    this.wholeMs = stream ? clocks.streamMs : clocks.plainMs;
  }

  /** What is left for another call, in ms; not above 0: nothing. */
  get leftMs(): number {
    return Math.min(this.clocks.firstByteMs, this.wholeMs) - this.elapsedMs;
  }

  /**
   * The clock of one call.
   *
   * @param ownFirstByteMs the provider's own bound on its first byte
   */
  beginCall(parent: AbortSignal, ownFirstByteMs = Number.POSITIVE_INFINITY): CallClock {
    const elapsed = this.elapsedMs;
    const firstByteMs = Math.min(this.clocks.firstByteMs - elapsed, ownFirstByteMs);
    return new CallClock(this.time, parent, { firstByteMs, wholeMs: this.wholeMs - elapsed });
  }

  private get elapsedMs(): number {
    return this.time.nowMs() - this.startedAt;
  }
}

/** The deadline of one call: aborts its signal when a clock has run out, or when the client's own signal aborts. */
export class CallClock implements ReplyClock {
  private readonly controller = new AbortController();
  private readonly cancelWhole: () => void;
  private readonly cancelFirstByte: () => void;
  private readonly onParentAbort = () => this.abort(this.parent.reason);

  constructor(
    time: Time,
    private readonly parent: AbortSignal,
    { firstByteMs, wholeMs }: { readonly firstByteMs: number; readonly wholeMs: number },
  ) {
    this.cancelWhole = time.after(wholeMs, () => this.expire('The provider did not complete its answer in time.'));
    this.cancelFirstByte =
      firstByteMs < wholeMs
        ? time.after(firstByteMs, () => this.expire('The provider did not begin its answer in time.'))
        : () => undefined;
    if (parent.aborted) this.onParentAbort();
    else parent.addEventListener('abort', this.onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on only the whole answer's clock runs. */
  firstByteIn(): void {
    this.cancelFirstByte();
  }

  /** The call is over. */
  stop(): void {
    this.cancelFirstByte();
    this.cancelWhole();
    this.parent.removeEventListener('abort', this.onParentAbort);
  }

  private expire(message: string): void {
    this.abort(new GatewayError('upstream_timeout', message));
  }

  private abort(reason: unknown): void {
    this.stop();
    this.controller.abort(reason);
  }
}
