import { answerHeadersFromUpstream, GatewayError } from '@isartor/shared';
import type { AnswerBody } from '../pipeline/answer.ts';
import { retryAfterMs } from '../upstream/retry.ts';
import type { Time } from '../upstream/time.ts';
import type { CallClock } from './clocks.ts';
import { errorInBody, errorInEvents } from './error-inside.ts';
import type { Provider, ProviderCall, ProviderReply } from './provider.port.ts';
import { beginStream, isEventStream, readPlainBody } from './read-reply.ts';

/** An answer as the client may see it. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}

/** A call that did not lead to an answer worth keeping, as long as another one may be made. */
export interface ProviderFailure {
  /** What the client gets when nothing better follows: the provider's own words, or an error of ours. */
  readonly outcome: ProviderAnswer | GatewayError;
  /** Whether the same provider may be asked again. */
  readonly again: boolean;
  /** Whether it speaks against the provider, and not just against this moment. */
  readonly sick: boolean;
  readonly retryAfterMs: number | undefined;
}

/** What became of one call. */
export type Attempt = { readonly answer: ProviderAnswer } | { readonly failure: ProviderFailure };

/** Refusals of our own credentials or budget: our fault, and not the caller's to see. */
const REFUSALS_OF_US: ReadonlySet<number> = new Set([401, 402, 403, 407]);
/** Refusals that say something about the moment and not about the request. */
const MOMENTARY: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * Asks one provider once. An answer is held back until it is known whether it is one: a plain body until it is whole,
 * a stream until its first event is in. Throws only what is not the provider's doing: the client left.
 */
export async function askProvider(
  provider: Provider,
  call: Omit<ProviderCall, 'signal'>,
  clock: CallClock,
  time: Pick<Time, 'unixMs'>,
): Promise<Attempt> {
  try {
    const reply = await provider.call({ ...call, signal: clock.signal });
    if (isRefusalOfUs(reply.status)) {
      reply.abandon();
      throw refusedUs(provider, reply.status);
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

async function answerOf(reply: ProviderReply, clock: CallClock): Promise<ProviderAnswer> {
  const { status } = reply;
  const headers = answerHeadersFromUpstream(flatHeaders(reply));
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

function refusedUs({ name }: Provider, status: number): GatewayError {
  return new GatewayError(
    'upstream_refused_us',
    `The provider ${name} refused the gateway's own credentials or address (${status}). This is for the operator to mend.`,
  );
}

function* flatHeaders(reply: ProviderReply): Generator<[string, string]> {
  for (const [name, value] of Object.entries(reply.headers)) {
    if (value !== undefined) yield [name, typeof value === 'string' ? value : value.join(', ')];
  }
}
