import { GatewayError } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { UpstreamFailure } from '../upstream/ask-upstream.ts';
import type { RequestDeadline } from '../upstream/clocks.ts';
import type { PreparedCall } from '../upstream/prepare-call.ts';
import type { Link } from './line-up.ts';

/** A failure, and whose it is. */
export interface LastFailure extends UpstreamFailure {
  readonly link: Link;
  readonly prepared: PreparedCall;
}

/** One request's way along the chain. */
export interface Journey {
  readonly context: RequestContext;
  readonly deadline: RequestDeadline;
  calls: number;
  last: LastFailure | undefined;
}

/** The provider is not asked: why is the last word unless a provider has said one. Throws what is no GatewayError. */
export function passOver(link: Link, prepared: PreparedCall, journey: Journey, error: unknown, why: string): undefined {
  if (!(error instanceof GatewayError)) throw error;
  journey.context.trail.faults.push(`l3 ${link.provider.name}: ${why}`);
  journey.last ??= { outcome: error, again: false, sick: false, retryAfterMs: undefined, link, prepared };
}

/** A long body that came with a failure is given up as soon as another call is made. */
export function abandonLast(journey: Journey): void {
  const outcome = journey.last?.outcome;
  journey.last = undefined;
  if (outcome === undefined || outcome instanceof GatewayError || outcome.body.kind !== 'parts') return;
  outcome.body.parts[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
}
