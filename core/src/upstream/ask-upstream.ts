import { GatewayError } from '@isartor/shared';
import type { AnswerBody } from '../pipeline/answer.ts';
import { retryAfterMs } from './retry.ts';
import type { Time } from './time.ts';
import type { CallClock } from './clocks.ts';
import { errorInBody, errorInEvents } from './error-inside.ts';
import { headersForClient } from './reply-headers.ts';
import { beginStream, isEventStream, readPlainBody } from './read-reply.ts';
import type { Upstream, UpstreamCall, UpstreamReply } from './upstream.port.ts';

/** An answer as the client may see it. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

/** A call that did not lead to an answer worth keeping, as long as another one may be made. */
export interface UpstreamFailure {
  /** What the client gets when nothing better follows: the server's own words, or an error of ours. */
  readonly outcome: UpstreamAnswer | GatewayError;
  /** Whether the same server may be asked again. */
  readonly again: boolean;
  /** Whether it speaks against the server, and not just against this moment. */
  readonly sick: boolean;
  readonly retryAfterMs: number | undefined;
}

/** What became of one call. */
export type Attempt = { readonly answer: UpstreamAnswer } | { readonly failure: UpstreamFailure };

/** Refusals of our own credentials or budget: our fault, and not the caller's to see. */
const REFUSALS_OF_US: ReadonlySet<number> = new Set([401, 402, 403, 407]);
/** Refusals that say something about the moment and not about the request. */
const MOMENTARY: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * Asks one server once. An answer is held back until it is known whether it is one: a plain body until it is whole,
 * a stream until its first event is in. Throws only what is not the server's doing: the client left.
 */
export async function askUpstream(
  upstream: Upstream,
  call: Omit<UpstreamCall, 'signal'>,
  clock: CallClock,
  time: Pick<Time, 'unixMs'>,
): Promise<Attempt> {
  try {
    const onFirstByte = (): void => clock.firstByteIn();
    const reply = await upstream.call({ ...call, signal: clock.signal, onFirstByte });
    if (isRefusalOfUs(reply.status)) {
      reply.abandon();
      throw refusedUs(upstream, reply.status);
    }
    const answer = await answerOf(reply, clock);
    if (!MOMENTARY.has(reply.status) && reply.status < 500) return { answer };
    return {
      failure: {
        outcome: answer,
        again: true,
        sick: reply.status >= 500 || reply.status === 429,
        retryAfterMs: retryAfterMs(answer.headers['retry-after'], time.unixMs()),
      },
    };
  } catch (error) {
    clock.stop();
    if (!(error instanceof GatewayError) || error.fault !== 'upstream') throw error;
    // Who did not answer in time may still be at it: it is not asked the same again.
    const again = error.retryable && error.code !== 'upstream_timeout';
    return { failure: { outcome: error, again, sick: true, retryAfterMs: undefined } };
  }
}

async function answerOf(reply: UpstreamReply, clock: CallClock): Promise<UpstreamAnswer> {
  const { status } = reply;
  const headers = headersForClient(reply);
  if (status === 200 && isEventStream(reply)) {
    const stream = await beginStream(reply, clock);
    const message = errorInEvents(stream.head);
    if (message === undefined) return { status, headers, body: { kind: 'events', events: stream.events } };
    await stream.abandon();
    throw new GatewayError('upstream_error', message);
  }
  const body = await readPlainBody(reply, clock);
  const message = status === 200 && body.kind === 'bytes' ? errorInBody(body.bytes) : undefined;
  if (message !== undefined) throw new GatewayError('upstream_error', message);
  return { status, headers, body };
}

function isRefusalOfUs(status: number): boolean {
  return REFUSALS_OF_US.has(status) || (status >= 300 && status < 400);
}

function refusedUs({ name }: Upstream, status: number): GatewayError {
  return new GatewayError(
    'upstream_refused_us',
    `The provider ${name} refused the gateway's own credentials or address (${status}). This is for the operator to mend.`,
  );
}
