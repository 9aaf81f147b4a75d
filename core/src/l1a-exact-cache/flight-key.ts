import { upstreamHeaders } from '@isartor/shared';
import type { Passenger } from '../pipeline/flight.ts';
import { headerPairs } from '../pipeline/header-pairs.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { CachePlan } from './cache-plan.ts';

/**
 * Under what requests share one call: the same key and epoch, the same framing, and the same word on what may be read
 * and skipped. What a key may get is in it too: one that takes exact answers alone must not follow another's paraphrase.
 */
export function flightKey(context: RequestContext, plan: CachePlan, epoch: string | undefined): string {
  const { digest, request, wantsUsage, directives, principal } = context;
  return JSON.stringify([
    digest,
    epoch ?? null,
    request.stream,
    wantsUsage,
    [...directives.bypass].toSorted(),
    directives.volatile ?? null,
    plan.read,
    plan.ttlSecs ?? null,
    principal.layers ?? null,
    principal.cache,
  ]);
}

/** A request as it takes part in a flight. */
export function passengerOf(context: RequestContext): ContextPassenger {
  return new ContextPassenger(context);
}

class ContextPassenger implements Passenger {
  constructor(private readonly context: RequestContext) {}

  get signal(): AbortSignal {
    return this.context.signal;
  }

  sameToProvider(other: Passenger): boolean {
    if (other === this) return true;
    if (!(other instanceof ContextPassenger)) return false;
    const [mine, theirs] = [this.context, other.context];
    return Buffer.compare(mine.request.bytes, theirs.request.bytes) === 0 && headersOf(mine) === headersOf(theirs);
  }
}

function headersOf(context: RequestContext): string {
  return JSON.stringify(upstreamHeaders(context.operation, headerPairs(context.rawHeaders)));
}
