/** A request is asked for plainly or as a stream. */
export type Form = 'plain' | 'streamed';

/** Both, in the order of the page. */
export const FORMS: readonly Form[] = ['plain', 'streamed'];

/**
 * How an answer ended for its client. `as sent`: byte for byte what the provider sent, although it is no whole answer.
 * `silently cut`: like a complete answer, and is none. `no end`: the client gave up waiting.
 */
export type Ending = 'whole' | 'as sent' | 'error event' | 'broken off' | 'silently cut' | 'no end';

/** Times are kept in classes, so that two runs say the same. */
export type Delay = 'at once' | 'after 1 s' | 'after 4 s' | 'never';

/** What became of the call to the provider after its client had left. */
export type Abort = 'within 100 ms' | 'after 1 s' | 'never';

/** What a client saw of one fault, and what the provider saw of the gateway. */
export interface Outcome {
  /** Absent: there was no answer. */
  readonly status?: number;
  /** `code` of the error in the body, or in the error event. */
  readonly code?: string;
  readonly retryAfter?: string;
  /** `x-isartor-error`. */
  readonly fault?: string;
  readonly ending?: Ending;
  /** Until the answer had ended. */
  readonly delay?: Delay;
  /** The answer names the address of the provider. */
  readonly leaks?: true;
  /** Whether the provider was held back while the client did not read. */
  readonly heldBack?: boolean;
  /** Calls that the provider got. */
  readonly calls: number;
  /** Absent: the client did not leave. */
  readonly aborted?: Abort;
  /** A call to the provider was still open when its client had its answer. */
  readonly runsOn?: true;
  /** Whether the same question later is answered without the provider. */
  readonly cached: boolean;
  /** The same question later got no sound answer from a provider that was sound again. */
  readonly stuck?: true;
}

/** At once, for a client on this machine; a busy one included. */
const AT_ONCE_MS = 600;
/** Above every bound of the suite. */
const FOUR_SECONDS_MS = { from: 3_800, to: 5_600 };
/** The clock has been running for a while when a client leaves. */
const ONE_SECOND_MS = { from: 700, to: 2_200 };
/** What issue and README promise for a client that has left. */
const ABORT_MS = 100;

/** The class of a time; undefined: it is in none, and belongs to no outcome that this suite knows. */
export function delayOf(ms: number): Delay | undefined {
  if (ms < AT_ONCE_MS) return 'at once';
  if (ms >= ONE_SECOND_MS.from && ms < ONE_SECOND_MS.to) return 'after 1 s';
  if (ms >= FOUR_SECONDS_MS.from && ms < FOUR_SECONDS_MS.to) return 'after 4 s';
  return undefined;
}

/** The class of the time from a client's leaving to the abort at the provider. */
export function abortOf(ms: number): Abort | undefined {
  if (ms <= ABORT_MS) return 'within 100 ms';
  return ms >= ONE_SECOND_MS.from && ms < ONE_SECOND_MS.to ? 'after 1 s' : undefined;
}

/** An outcome as a cell of the table. */
export function inWords(outcome: Outcome): string {
  const { status, code, retryAfter, fault, ending, delay, calls, aborted } = outcome;
  const seen = [
    [status === undefined ? undefined : `**${status}**`, code && `\`${code}\``].filter(Boolean).join(' '),
    retryAfter && `retry-after ${retryAfter}`,
    fault && `x-isartor-error ${fault}`,
    outcome.leaks && '**names the address**',
    ending !== 'whole' && ending,
    delay,
    outcome.heldBack !== undefined && (outcome.heldBack ? 'provider held back' : 'provider not held back'),
    aborted && (aborted === 'never' ? 'provider runs on' : `provider aborted ${aborted}`),
    outcome.runsOn && 'provider runs on',
    `${calls} ${calls === 1 ? 'call' : 'calls'}`,
    outcome.cached && 'cached',
    outcome.stuck && '**the next call fails too**',
  ];
  return seen.filter((part) => part !== undefined && part !== false && part !== '').join(', ');
}
