import { GatewayError, type Operation } from '@isartor/shared';
import type { ModelRoute } from '../config/model-route-list-type.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { MeasuredModelCall } from '../telemetry/metrics.port.ts';
import { askUpstream, type UpstreamAnswer, type UpstreamFailure } from '../upstream/ask-upstream.ts';
import { CircuitBreaker, type BreakerPolicy, type BreakerState } from '../upstream/circuit-breaker.ts';
import { RequestDeadline, type Clocks } from '../upstream/clocks.ts';
import { AUTO_MODEL, prepareCall, type PreparedCall } from '../upstream/prepare-call.ts';
import { waitBeforeRetry, type RetryPolicy } from '../upstream/retry.ts';
import { REAL_TIME, type Time } from '../upstream/time.ts';
import { traced } from '../upstream/traced-call.ts';
import type { Upstream } from '../upstream/upstream.port.ts';
import { sumOfUsage } from '../usage/sum-of-usage.ts';
import { servesOperation, type Provider } from './provider.port.ts';
import { apiNotServed } from './api-not-served.ts';
import { withoutForeignSeals } from './foreign-seals.ts';
import { KeyRefusedError } from './keys/key-refused-error.ts';
import { abandonLast, type Journey, type LastFailure } from './journey.ts';
import { lineUp, type Link } from './line-up.ts';
import { withinReach } from './reach.ts';
import type { ModelRoutes } from './routes/model-routes.ts';
import { roomToTranslate, translated } from './translated-link.ts';

/** Most calls to one provider before the next one's turn. */
const CALLS_PER_PROVIDER = 2;
/** What a chain is made of. */
export interface FallbackChainOptions {
  /** In the order in which they are asked; at least one. */
  readonly providers: readonly Provider[];
  /** The model in whose place, too, a provider's own is asked. */
  readonly defaultModel: string;
  readonly clocks: Clocks;
  /** Models that take a way of their own; all others the whole chain. */
  readonly routes?: ModelRoutes | undefined;
  readonly retry: RetryPolicy;
  readonly breaker: BreakerPolicy;
  readonly time?: Time;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Told of every call after a request's first. */
  readonly onRetry?: (provider: string) => void;
  /** Told of every call once its answer is over, and for which request it was made. */
  readonly onCall?: (call: MeasuredModelCall, context: RequestContext) => void;
  readonly onBreakerChange?: (provider: string, state: BreakerState) => void;
}

/** An answer, and whose it is. */
export interface ChainAnswer extends UpstreamAnswer {
  readonly provider: string;
  readonly model: string;
  readonly addedUsage: boolean;
}

/** A provider in the order in which they are asked. */
export type PlannedCall = {
  readonly provider: string;
  readonly model: string;
  readonly breaker: BreakerState;
  /** Its share of the first choice; 0: it has none. */
  readonly weight: number;
  /** Whether the request would be put into the words of another API. */
  readonly translated: boolean;
};

/** Who may be asked for a model, and within which time. */
interface Way {
  readonly links: readonly Link[];
  readonly clocks: Clocks;
  readonly isRouted: boolean;
}

/**
 * Providers in order: who fails is asked once more where that may help, then the next one is, within one deadline and
 * one number of calls. Nothing of a failed answer has reached the client by then; once an answer has begun, there is no
 * way back.
 */
export class FallbackChain {
  private readonly wholeChain: Way;
  private readonly routed: ReadonlyMap<ModelRoute, Way>;
  private readonly time: Time;
  private readonly random: () => number;

  constructor(private readonly options: FallbackChainOptions) {
    this.time = options.time ?? REAL_TIME;
    this.random = options.random ?? Math.random;
    const links = options.providers.map((provider) => ({
      provider,
      weight: provider.weight ?? 0,
      breaker: new CircuitBreaker(
        options.breaker,
        () => this.time.nowMs(),
        (state) => options.onBreakerChange?.(provider.name, state),
      ),
    }));
    this.wholeChain = { links, clocks: options.clocks, isRouted: false };
    this.routed = new Map(options.routes?.all.map((route) => [route, this.wayOf(route)]));
  }

  /** Whom a request for this model would be put to now, in order; where the first is drawn by weight, one such draw. */
  plan(asked: string | undefined, operation: Operation): readonly PlannedCall[] {
    return [...lineUp(this.linksOf(this.wayFor(asked), asked, operation), () => 0)].map((link) => ({
      provider: link.provider.name,
      model: modelFor(asked, link, this.options.defaultModel),
      breaker: link.breaker.state,
      weight: link.weight,
      translated: !servesOperation(link.provider, operation),
    }));
  }

  /**
   * The first answer that is one; when all have failed, the last one's answer if it gave any. Throws a GatewayError when
   * it gave none, or where nobody can be asked for the operation, and at once when the client leaves.
   */
  async ask(context: RequestContext): Promise<ChainAnswer> {
    const { model } = context.request;
    const way = this.wayFor(model);
    const links = this.linksOf(way, model, context.operation);
    if (links.length === 0) throw apiNotServed(context.operation);
    // The small model's share is reckoned by the clocks of all: a route's own are for the cloud alone.
    const since = way.clocks === this.options.clocks ? context.modelAskedAtMs : undefined;
    const deadline = new RequestDeadline(this.time, way.clocks, context.request.stream, since);
    const journey: Journey = { context, deadline, calls: 0, last: undefined };
    for (const link of lineUp(links, this.random)) {
      const answer = await this.askLink(link, journey);
      if (answer !== undefined) return answer;
      if (!this.mayCall(journey)) break;
    }
    return lastWord(journey.last);
  }

  private async askLink(link: Link, journey: Journey): Promise<ChainAnswer | undefined> {
    const { context } = journey;
    const { provider } = link;
    const model = modelFor(context.request.model, link, this.options.defaultModel);
    const measured = traced(provider, (call) => {
      // One answer may take several calls.
      context.trail.usage = sumOfUsage(context.trail.usage ?? null, call.usage);
      this.options.onCall?.(call, context);
    });
    if (servesOperation(provider, context.operation)) {
      const prepared = withoutForeignSeals(prepareCall(context, model, provider.asksUsage));
      return this.askPatiently(link, measured, prepared, journey);
    }
    // What is translated always tells its usage.
    return this.askTranslated(link, measured, prepareCall(context, model, true), journey);
  }

  private async askTranslated(
    link: Link,
    measured: Upstream,
    prepared: PreparedCall,
    journey: Journey,
  ): Promise<ChainAnswer | undefined> {
    const giveUp = roomToTranslate(link, prepared, journey);
    if (giveUp === undefined) return undefined;
    try {
      const upstream = await translated(link, measured, prepared, journey);
      return upstream && (await this.askPatiently(link, upstream, prepared, journey));
    } finally {
      giveUp();
    }
  }

  private async askPatiently(
    link: Link,
    upstream: Upstream,
    prepared: PreparedCall,
    journey: Journey,
  ): Promise<ChainAnswer | undefined> {
    let call = 1;
    for (;;) {
      const answer = await this.callOnce(link, upstream, prepared, journey);
      if (answer !== undefined) return answer;
      if (!this.mayCall(journey)) return undefined;
      // What a key is refused, another one may get at once.
      if (hasOtherKey(link, journey.last)) continue;
      call += 1;
      if (call > CALLS_PER_PROVIDER || !(await this.waitForSame(link, journey))) return undefined;
    }
  }

  /** Waits until the provider that has just failed may be asked again; false: it may not. */
  private async waitForSame(link: Link, { context, deadline, calls, last }: Journey): Promise<boolean> {
    if (last === undefined || !last.again || link.breaker.state !== 'closed') return false;
    const facts = { calls, retryAfterMs: last.retryAfterMs, leftMs: deadline.leftMs };
    const wait = waitBeforeRetry(this.options.retry, facts, this.random);
    if (wait === undefined) return false;
    await this.time.sleep(wait, context.signal);
    return true;
  }

  private async callOnce(
    link: Link,
    upstream: Upstream,
    prepared: PreparedCall,
    journey: Journey,
  ): Promise<ChainAnswer | undefined> {
    const { context, deadline } = journey;
    const { provider } = link;
    abandonLast(journey);
    context.signal.throwIfAborted();
    // What was used for an earlier, refused answer is not this one's.
    context.trail.usage = null;
    journey.calls += 1;
    context.trail.attempts = journey.calls;
    if (journey.calls > 1) this.options.onRetry?.(provider.name);
    const watched = link.breaker.begin();
    try {
      const clock = deadline.beginCall(context.signal, provider.firstByteMs);
      const attempt = await askUpstream(upstream, prepared.call, clock, this.time);
      context.signal.throwIfAborted();
      if ('answer' in attempt) {
        watched.succeeded();
        return answerBy(link, prepared, attempt.answer);
      }
      const { failure } = attempt;
      if (failure.sick && !hasOtherKey(link, failure)) watched.failed();
      else watched.succeeded();
      journey.last = { ...failure, link, prepared };
      context.trail.faults.push(`l3 ${provider.name}: ${nameOf(failure)}`);
      return undefined;
    } finally {
      watched.abandoned();
    }
  }

  private wayFor(model: string | undefined): Way {
    const route = this.options.routes?.of(model);
    return (route && this.routed.get(route)) ?? this.wholeChain;
  }

  private linksOf({ links, isRouted }: Way, asked: string | undefined, operation: Operation): readonly Link[] {
    return withinReach(links, operation, { isRouted, isOpen: isLeftOpen(asked, this.options.defaultModel) });
  }

  /** A provider's breaker is one, whichever way leads to it. */
  private wayOf({ to, clocks }: ModelRoute): Way {
    const links = to.flatMap(({ provider: name, model, weight = 0 }) => {
      const link = this.wholeChain.links.find(({ provider }) => provider.name === name);
      return link === undefined ? [] : [{ ...link, model, weight }];
    });
    const hasOwn = Object.values(clocks).some((ms) => ms !== undefined);
    const all = this.options.clocks;
    return { links, clocks: hasOwn ? { ...all, ...clocks } : all, isRouted: true };
  }

  private mayCall({ calls, deadline }: Journey): boolean {
    return calls < this.options.retry.maxCalls && deadline.leftMs > 0;
  }
}

/** Whether a call failed because of the key it was made with, and there is another one. */
function hasOtherKey({ provider }: Link, failure: UpstreamFailure | undefined): boolean {
  if (failure === undefined || provider.hasReadyKey?.() !== true) return false;
  const { outcome } = failure;
  return outcome instanceof GatewayError ? outcome instanceof KeyRefusedError : outcome.status === 429;
}

/** What a route says, else the provider's own model where the client left the choice open or named the configured default. */
function modelFor(asked: string | undefined, { model, provider }: Link, defaultModel: string): string {
  if (model !== undefined) return model;
  return asked === undefined || isLeftOpen(asked, defaultModel) ? provider.defaultModel : asked;
}

function isLeftOpen(asked: string | undefined, defaultModel: string): boolean {
  return asked === undefined || asked === AUTO_MODEL || asked === defaultModel;
}

function answerBy(link: Link, { model, addedUsage }: PreparedCall, answer: UpstreamAnswer): ChainAnswer {
  return { ...answer, provider: link.provider.name, model, addedUsage };
}

function lastWord(last: LastFailure | undefined): ChainAnswer {
  if (last === undefined) throw new GatewayError('internal', 'The chain of providers is empty.');
  if (last.outcome instanceof GatewayError) throw last.outcome;
  return answerBy(last.link, last.prepared, last.outcome);
}

function nameOf({ outcome }: UpstreamFailure): string {
  return outcome instanceof GatewayError ? outcome.code : String(outcome.status);
}
