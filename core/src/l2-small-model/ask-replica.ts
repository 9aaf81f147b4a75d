import { GatewayError } from '@isartor/shared';
import type { AnswerBody } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { CallClock, type ReplyClock } from '../upstream/clocks.ts';
import { errorInBody } from '../upstream/error-inside.ts';
import { prepareCall } from '../upstream/prepare-call.ts';
import { beginStream, isEventStream, readPlainBody } from '../upstream/read-reply.ts';
import { headersForClient } from '../upstream/reply-headers.ts';
import type { Time } from '../upstream/time.ts';
import { tracedCall, type OnModelCall } from '../upstream/traced-call.ts';
import type { UpstreamReply } from '../upstream/upstream.port.ts';
import { Confidence } from './confidence.ts';
import { cutLogprobs } from './cut-logprobs.ts';
import { holdBack } from './hold-back.ts';
import { judge, type GateRule } from './quality-gate.ts';
import { sayingOf } from './read-said.ts';
import type { Place } from './replica-pool.ts';
import { withEnd } from './with-end.ts';

/** The small model's answer, past the gate. */
export interface SmallAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
  readonly addedUsage: boolean;
  /** How sure the model was of it (of a stream, of what was held back); undefined where it was not asked. */
  readonly confidence: number | undefined;
}

/** Why there is none; the `why` of `x-isartor-route`. */
export type NoAnswer = `gate-${GateRule}` | 'refused' | 'busy' | 'failed' | 'slow';

/** What became of one call. Nothing of an answer that is not passed on has reached the client. */
export type Asked = { readonly answer: SmallAnswer } | { readonly why: NoAnswer; readonly error?: GatewayError };

/** How long a call may take, and what is asked of its answer. */
export interface AskTerms {
  /** Until the answer is past the gate, in ms. */
  readonly shareMs: number;
  /** Until a stream has ended, in ms. */
  readonly streamMs: number;
  /**
   * Least confidence with which it is passed on, from 0 to 1 (0: any, and told). Undefined: the server is not asked for it.
   * Of no effect where the server cannot tell.
   */
  readonly leastConfidence: number | undefined;
}

/**
 * Asks one server once, and lets the gate judge. The place is given up as soon as the server has no more to do with it.
 * Throws only what is not the server's doing: the client left.
 */
export async function askReplica(
  { replica, model, watched, giveUp }: Place,
  context: RequestContext,
  terms: AskTerms,
  time: Time,
  onCall?: OnModelCall,
): Promise<Asked> {
  const { stream } = context.request;
  const told = terms.leastConfidence === undefined ? undefined : replica.backend.logprobs;
  const confidence = new Confidence(told === undefined ? 0 : (terms.leastConfidence ?? 0));
  const wholeMs = stream ? terms.streamMs : terms.shareMs;
  const clock = new CallClock(time, context.signal, { firstByteMs: terms.shareMs, wholeMs });
  try {
    const prepared = prepareCall(context, model.name, replica.backend.asksUsage, told?.ask);
    const reply = await tracedCall(replica.backend, { ...prepared.call, signal: clock.signal }, (measured) => {
      context.trail.usage = measured.usage;
      onCall?.(measured);
    });
    const judged = await judgeReply(reply, context, confidence, clock, time);
    if (reply.status === 404) replica.forgetModels();
    // Of one that has enough to do nothing is said, and of a stream only at its end: but a trial must not last as long.
    const isStream = 'body' in judged && judged.body.kind === 'events' && replica.breaker.state === 'closed';
    if (reply.status >= 500) watched.failed();
    else if (reply.status !== 429 && !isStream) watched.succeeded();
    if (!('body' in judged)) {
      clock.stop();
      giveUp();
      return judged;
    }
    context.signal.throwIfAborted();
    clock.firstByteIn();
    const outcome = replica.breaker.begin();
    const whole = withEnd(judged.body, (ending) => {
      giveUp();
      if (isStream && ending === 'whole') outcome.succeeded();
      if (ending === 'broken' && !context.signal.aborted) outcome.failed();
    });
    const body = told === undefined ? whole : cutLogprobs(whole, told.otherwise);
    const { addedUsage } = prepared;
    return { answer: { headers: headersForClient(reply), body, addedUsage, confidence: confidence.value } };
  } catch (error) {
    clock.stop();
    giveUp();
    if (context.signal.aborted || !(error instanceof GatewayError) || error.fault !== 'upstream') throw error;
    watched.failed();
    if (error.code === 'upstream_unreachable') replica.state = 'down';
    return { why: error.code === 'upstream_timeout' ? 'slow' : 'failed', error };
  } finally {
    watched.abandoned();
  }
}

async function judgeReply(
  reply: UpstreamReply,
  context: RequestContext,
  confidence: Confidence,
  clock: CallClock,
  time: Time,
): Promise<{ readonly body: AnswerBody } | { readonly why: NoAnswer }> {
  const { status } = reply;
  if (status !== 200) {
    reply.abandon();
    if (status === 429 || status === 503) return { why: 'busy' };
    return { why: status >= 500 ? 'failed' : 'refused' };
  }
  const { stream, body: asked } = context.request;
  if (stream !== isEventStream(reply)) {
    reply.abandon();
    throw new GatewayError('upstream_error', 'The model server answered in the other framing than it was asked for.');
  }
  const bounded = isBound(asked['max_tokens']) || isBound(asked['max_completion_tokens']);
  const held = heldClock(clock);
  return stream ? judgeStream(reply, held, bounded, confidence, time) : judgePlain(reply, held, bounded, confidence);
}

async function judgeStream(
  reply: UpstreamReply,
  clock: ReplyClock,
  bounded: boolean,
  confidence: Confidence,
  time: Time,
) {
  const { events } = await beginStream(reply, clock);
  const held = await holdBack(events, bounded, confidence, time);
  if (held.kind === 'refused') {
    reply.abandon();
    return { why: `gate-${held.rule}` } as const;
  }
  return { body: { kind: 'events', events: held.events } } as const;
}

async function judgePlain(reply: UpstreamReply, clock: ReplyClock, bounded: boolean, confidence: Confidence) {
  const body = await readPlainBody(reply, clock);
  if (body.kind !== 'bytes') {
    reply.abandon();
    return { why: 'gate-length' } as const;
  }
  const message = errorInBody(body.bytes);
  const saying = message === undefined ? sayingOf(body.bytes) : undefined;
  if (saying === undefined) {
    throw new GatewayError('upstream_error', message ?? 'The model server answered something that is no chat answer.');
  }
  confidence.add(saying.logprobs);
  const isUnsure = confidence.isTooLow;
  const verdict = judge({ text: saying.text, finish: saying.finish ?? 'none', bounded, isUnsure });
  return verdict.kind === 'refuse' ? ({ why: `gate-${verdict.rule}` } as const) : { body };
}

/** Until the gate has passed it, an answer that has begun runs on the same clock as one that has not. */
function heldClock(clock: CallClock): ReplyClock {
  return { signal: clock.signal, firstByteIn: () => undefined, stop: () => clock.stop() };
}

function isBound(tokens: unknown): boolean {
  return typeof tokens === 'number';
}
