import { GatewayError, parseRequest, toChatBody, type ParsedRequest } from '@isartor/shared';
import type { Answer } from '../../pipeline/answer.ts';
import type { RequestContext } from '../../pipeline/request-context.ts';
import { AUTO_MODEL } from '../../upstream/prepare-call.ts';
import type { Time } from '../../upstream/time.ts';
import { askReplica } from '../ask-replica.ts';
import type { KillSwitch } from '../kill-switch.ts';
import { sayingOf } from '../read-said.ts';
import type { ReplicaPool } from '../replica-pool.ts';
import { agreementOf, type Agreement } from './agreement-of.ts';
import { watchedAnswer } from './watched-answer.ts';

/** Comparisons at a time; one more is not made. */
const MAX_RUNNING = 4;

/**
 * What a comparison came to. `gated`: the small model's answer would not have been passed on; `unavailable`: it gave
 * none; `skipped`: too many comparisons ran.
 */
export type Comparison = Agreement | 'gated' | 'unavailable' | 'skipped';

/** What a check works with. */
export interface AgreementParts {
  readonly pool: ReplicaPool;
  readonly killSwitch: KillSwitch;
  readonly time: Time;
  /** How long the small model may take, in ms. */
  readonly withinMs: number;
  /** Least confidence with which an answer would be passed on; undefined: the model is not asked for it. */
  readonly leastConfidence: number | undefined;
  /** Told of each comparison, with the model that had answered. */
  readonly onCompared: (model: string, comparison: Comparison) => void;
  /** Told how sure the small model was of what it said, where it tells, whether it would have been passed on or not. */
  readonly onConfidence: (agreement: Agreement, confidence: number) => void;
}

/**
 * Asks the small model what the cloud has answered already, to see how far they agree. Off the hot path: it begins when
 * the answer is there, belongs to no client, and its own answer goes nowhere.
 */
export class AgreementCheck {
  private running = 0;
  private readonly closing = new AbortController();

  constructor(private readonly parts: AgreementParts) {}

  /** The answer as it was; once it is whole, the same is asked of the small model. */
  watch(context: RequestContext, answer: Answer): Answer {
    const model = answer.model ?? context.request.model ?? AUTO_MODEL;
    return watchedAnswer(answer, context.operation, (text) => void this.compare(context, model, text));
  }

  /** What runs is called off. */
  close(): void {
    this.closing.abort(new GatewayError('internal', 'The process ends.'));
  }

  private async compare(context: RequestContext, model: string, text: string): Promise<void> {
    if (this.closing.signal.aborted) return;
    if (this.running >= MAX_RUNNING) {
      this.parts.onCompared(model, 'skipped');
      return;
    }
    this.running += 1;
    try {
      this.parts.onCompared(model, await this.comparisonOf(context, text));
    } catch {
      // Called off, or a fault of ours: neither says anything about the two models.
    } finally {
      this.running -= 1;
    }
  }

  private async comparisonOf(context: RequestContext, text: string): Promise<Comparison> {
    const { pool, killSwitch, time, withinMs, leastConfidence } = this.parts;
    if (await killSwitch.isOff(context.principal.tenant)) return 'unavailable';
    // Read and written anew only now: the client has its answer.
    const request = inOnePiece(context);
    const place = pool.take();
    if (typeof place === 'string') return 'unavailable';
    const own: RequestContext = {
      ...context,
      operation: 'openai.chat',
      request,
      upstreamQuery: '',
      signal: this.closing.signal,
      // The request's own is told already.
      trail: { timings: [], faults: [] },
    };
    const terms = {
      shareMs: withinMs,
      streamMs: withinMs,
      // What is too low is compared as well: the bound is chosen by it.
      leastConfidence: leastConfidence === undefined ? undefined : 0,
    };
    const asked = await askReplica(place, own, terms, time);
    if (!('answer' in asked)) return asked.why.startsWith('gate-') ? 'gated' : 'unavailable';
    const { body, confidence } = asked.answer;
    const said = body.kind === 'bytes' ? sayingOf(body.bytes) : undefined;
    if (said === undefined) return 'unavailable';
    const agreement = agreementOf(text, said.text);
    if (confidence !== undefined) this.parts.onConfidence(agreement, confidence);
    const isTooLow = place.replica.backend.logprobs !== undefined && (confidence ?? 0) < (leastConfidence ?? 0);
    return isTooLow ? 'gated' : agreement;
  }
}

/** The request as the small model is asked it: in one piece, whatever the client wished. */
function inOnePiece({ operation, request }: RequestContext): ParsedRequest {
  if (operation === 'native.chat') return parseRequest('openai.chat', toChatBody(request, AUTO_MODEL));
  const { stream: _stream, stream_options: _options, ...rest } = request.body;
  return parseRequest('openai.chat', new TextEncoder().encode(JSON.stringify(rest)));
}
