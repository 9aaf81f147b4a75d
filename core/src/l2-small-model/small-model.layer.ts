import { GatewayError } from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { Layer, Next } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { CallClock } from '../upstream/clocks.ts';
import { inNativeForm } from '../upstream/native-form.ts';
import type { Time } from '../upstream/time.ts';
import type { OnModelCall } from '../upstream/traced-call.ts';
import type { AgreementCheck } from './agreement/agreement-check.ts';
import { askReplica, type NoAnswer, type SmallAnswer } from './ask-replica.ts';
import { once, withEnd } from './with-end.ts';
import type { Decision } from './decide/decider.port.ts';
import type { RouteTable } from './decide/route-table.ts';
import type { Demand } from './demand.ts';
import type { KillSwitch } from './kill-switch.ts';
import type { Replica } from './replica.ts';
import type { Picked, Place, ReplicaPool, Unavailable } from './replica-pool.ts';
import { faultOf, MAX_BODY_BYTES, standingOf } from './standing.ts';
import type { Unhonoured } from './unhonoured.ts';

/** Servers that one request may ask, one after the other. */
const MAX_CALLS = 2;
/** How long a decision may take, of a share that is longer. */
const DECIDE_MS = 2_000;
/** What must be left of the share for a server to be asked at all. */
const LEAST_ASKED_MS = 20;

/** Why a request that the small model may answer goes on to the cloud. */
type Why = Unhonoured | Unavailable | NoAnswer | 'bypassed' | 'off' | 'undecided';

/** Settings of this layer. */
export interface SmallModelSettings {
  /** Models in whose place the small one may answer. */
  readonly replaces: readonly string[];
  /** What a request may spend here in all, in ms. */
  readonly shareMs: number;
  readonly streamMs: number;
  /** Least confidence with which an answer is passed on; undefined: the model is not asked for it. */
  readonly leastConfidence: number | undefined;
  /** How long a request waits for a pool that is down or loads, in ms; it is taken off its share. */
  readonly wakeWaitMs: number;
  /** Of the requests that the small model may not answer, the share about which is decided all the same, from 0 to 1. */
  readonly recordShare: number;
  /** Of the same requests, the share that the small model answers too, off the hot path, to be compared. */
  readonly agreementShare: number;
}

/** What the layer works with. */
export interface SmallModelParts {
  readonly pool: ReplicaPool;
  readonly routes: RouteTable;
  readonly agreement: AgreementCheck;
  readonly killSwitch: KillSwitch;
  readonly demand: Demand;
  readonly time: Time;
  readonly random: () => number;
  /** Told of every decision by its two words in `x-isartor-route`. */
  readonly onRoute: (route: string, why?: string) => void;
  /** Told of every answer that was asked for, once it is over. */
  readonly onCall?: OnModelCall;
}

/** L2: the small self-hosted model, where it is good enough and may. */
export class SmallModelLayer implements Layer {
  readonly name = 'l2';

  constructor(
    private readonly settings: SmallModelSettings,
    private readonly parts: SmallModelParts,
  ) {}

  async handle(context: RequestContext, next: Next): Promise<Answer> {
    const answer = await this.route(context, next);
    const { route } = context.trail;
    return route === undefined ? answer : { ...answer, route };
  }

  private async route(context: RequestContext, next: Next): Promise<Answer> {
    const standing = standingOf(context, this.settings.replaces, this.parts.pool);
    if (standing.kind === 'none') return next();
    if (standing.kind === 'named') return this.observe(context, next);
    if (standing.kind === 'passed-over') return this.goOn(context, standing.why, next);
    if (await this.parts.killSwitch.isOff(context.principal.tenant)) return this.goOn(context, 'off', next);
    const decider = this.parts.routes.deciderOf(context);
    const decided = decider.isFree ? await decider.decide(context, undefined) : undefined;
    // What is decided against without a model needs none: it wakes no pool and takes no place.
    if (decider.isFree && decided?.answers !== true) return this.decline(context, decided, next);
    const done = once(this.parts.demand.begin());
    try {
      const answer = await this.answerAwake(context, decided, next);
      if (answer.layer === 'l2') return { ...answer, body: withEnd(answer.body, done) };
      done();
      return answer;
    } catch (error) {
      done();
      throw error;
    }
  }

  /** Waits, where that is wished for, for a pool that sleeps. */
  private async answerAwake(context: RequestContext, decided: Decision | undefined, next: Next): Promise<Answer> {
    const startedAt = this.parts.time.nowMs();
    const { wakeWaitMs, shareMs } = this.settings;
    const place = await this.parts.pool.takeWaking(Math.min(wakeWaitMs, shareMs), context.signal);
    const later: Next = () => {
      // The cloud may take minutes.
      if (typeof place !== 'string') place.giveUp();
      return next({ ...context, modelAskedAtMs: startedAt });
    };
    if (typeof place === 'string') return this.goOn(context, place, later);
    try {
      // Too late to ask it anything, and no fault of its own.
      if (this.leftMs(startedAt) < LEAST_ASKED_MS) return await this.goOn(context, 'slow', later);
      // It may be another server than the one that was looked at before, with another model.
      const fault = faultOf(context, place);
      if (fault !== undefined) return await this.goOn(context, fault, later);
      const decision = decided ?? (await this.decide(context, place, Math.min(this.leftMs(startedAt), DECIDE_MS)));
      if (decision?.answers !== true) return await this.decline(context, decision, later);
      return await this.answer(context, place, decision, startedAt, later);
    } catch (error) {
      place.giveUp();
      throw error;
    }
  }

  private async answer(
    context: RequestContext,
    first: Place,
    decision: Decision,
    startedAt: number,
    later: Next,
  ): Promise<Answer> {
    const asked = new Set<Replica>();
    let why: Why = 'slow';
    let place: Place | Unavailable | undefined = this.leftMs(startedAt) > 0 ? first : undefined;
    while (typeof place === 'object') {
      asked.add(place.replica);
      const { streamMs, leastConfidence } = this.settings;
      const terms = { shareMs: this.leftMs(startedAt), streamMs, leastConfidence };
      const became = await askReplica(place, context, terms, this.parts.time, this.parts.onCall);
      context.signal.throwIfAborted();
      if ('answer' in became) {
        this.note(context, `l2;p=${shown(decision)}`, 'l2', 'decided');
        return answered(context, place, became.answer);
      }
      ({ why } = became);
      context.trail.faults.push(`l2 ${place.replica.backend.name}: ${became.error?.code ?? why}`);
      // Another server of the pool would say the same of what the gate or the server itself refused.
      if (why !== 'failed' && why !== 'busy') break;
      place = asked.size < MAX_CALLS && this.leftMs(startedAt) > 0 ? this.parts.pool.take(asked) : undefined;
    }
    this.note(context, `l3;p=${shown(decision)};why=${why}`, 'l3', why);
    return later();
  }

  /** What is left of its share, in ms. */
  private leftMs(startedAt: number): number {
    return startedAt + this.settings.shareMs - this.parts.time.nowMs();
  }

  /** Asks the decider, which asks the server; undefined where that says nothing in time. */
  private async decide(context: RequestContext, place: Place, withinMs: number): Promise<Decision | undefined> {
    const decider = this.parts.routes.deciderOf(context);
    const wholeMs = Math.max(1, withinMs);
    const clock = new CallClock(this.parts.time, context.signal, { firstByteMs: wholeMs, wholeMs });
    const { signal } = clock;
    try {
      // A label is no verdict on the server: one that gives labels quickly may still fail at every answer.
      return await decider.decide(context, { replica: place.replica, model: place.model.name, signal });
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof GatewayError) && !signal.aborted) throw error;
      place.watched.failed();
      context.trail.faults.push(`l2 decide: ${error instanceof GatewayError ? error.code : 'upstream_timeout'}`);
      return undefined;
    } finally {
      clock.stop();
    }
  }

  /** The caller named a model that is not replaced: it gets that one, and what the small one would do is noted. */
  private async observe(context: RequestContext, next: Next): Promise<Answer> {
    if (context.request.bytes.byteLength > MAX_BODY_BYTES || context.directives.bypass.has('l2')) return next();
    const picked = this.parts.pool.pick();
    if (faultOf(context, picked) !== undefined) return next();
    const isCompared = this.parts.random() < this.settings.agreementShare;
    await this.record(context);
    const answer = await next();
    return isCompared ? this.parts.agreement.watch(context, answer) : answer;
  }

  private async record(context: RequestContext): Promise<void> {
    const decider = this.parts.routes.deciderOf(context);
    if (!decider.isFree && this.parts.random() >= this.settings.recordShare) return;
    const noted = this.wouldDecide(context);
    // A decision that costs nothing is there at once; any other must not hold the answer up.
    if (decider.isFree) await noted;
  }

  private async wouldDecide(context: RequestContext): Promise<void> {
    const decider = this.parts.routes.deciderOf(context);
    try {
      const decision = await (decider.isFree ? decider.decide(context, undefined) : this.askWouldDecide(context));
      if (decision === undefined) return;
      const route = decision.answers ? 'would-l2' : 'would-l3';
      this.note(context, `${route};p=${shown(decision)}`, route, 'named');
    } catch {
      // The client left while nothing was decided for it.
    }
  }

  private async askWouldDecide(context: RequestContext): Promise<Decision | undefined> {
    // Where the tenant has the small model switched off, it sees none of its requests.
    if (await this.parts.killSwitch.isOff(context.principal.tenant)) return undefined;
    const place = this.parts.pool.take();
    if (typeof place === 'string') return undefined;
    try {
      return await this.decide(context, place, DECIDE_MS);
    } finally {
      place.giveUp();
    }
  }

  private decline(context: RequestContext, decision: Decision | undefined, next: Next): Promise<Answer> {
    if (decision === undefined) return this.goOn(context, 'undecided', next);
    this.note(context, `l3;p=${shown(decision)}`, 'l3', 'decided');
    return next();
  }

  private goOn(context: RequestContext, why: Why, next: Next): Promise<Answer> {
    this.note(context, `l3;why=${why}`, 'l3', why);
    return next();
  }

  private note(context: RequestContext, text: string, route: string, why: string): void {
    context.trail.route = text;
    this.parts.onRoute(route, why);
  }
}

function answered(context: RequestContext, { replica, model, standsIn }: Picked, small: SmallAnswer): Answer {
  const answer: Answer = {
    status: 200,
    headers: small.headers,
    body: small.body,
    layer: 'l2',
    provider: replica.backend.name,
    model: model.name,
    ...(standsIn ? { standIn: model.name } : {}),
  };
  if (context.operation === 'native.chat') return inNativeForm(answer, 2);
  return small.addedUsage ? { ...answer, hidesUsage: true } : answer;
}

function shown({ probability }: Decision): string {
  return probability.toFixed(2);
}
