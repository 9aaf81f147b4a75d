import type { RequestContext } from '../../pipeline/request-context.ts';
import type { Replica } from '../replica.ts';

/** Whether the small model is good enough for a request, and how probably. */
export interface Decision {
  readonly answers: boolean;
  /** From 0 to 1: that the small model answers well. */
  readonly probability: number;
}

/** What a strategy may ask. */
export interface DecisionMeans {
  /** The server that would answer; what it is asked now, it has in its prefix cache then. */
  readonly replica: Replica;
  /** The model that would answer, by the name that server gives it. */
  readonly model: string;
  readonly signal: AbortSignal;
}

/** A strategy. */
export interface Decider {
  /** Whether it calls nobody: then it decides about requests, too, that the small model may not answer. */
  readonly isFree: boolean;
  /** Undefined where it cannot tell. Throws a GatewayError when whom it asks does not answer. */
  decide(context: RequestContext, means: DecisionMeans | undefined): Promise<Decision | undefined>;
}
