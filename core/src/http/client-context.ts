import type { CacheDirectives, HeaderReader, Operation, ParsedRequest, Principal } from '@isartor/shared';
import type { InflightLease } from '../inflight/inflight-budget.ts';
import type { RequestContext, Trail } from '../pipeline/request-context.ts';
import type { Exchange } from './exchange.ts';
import type { UnderstoodBody } from './parse-body.ts';

/** What the head and the body of a request came to, for the layers. */
export class ClientContext implements RequestContext {
  readonly id: string;
  readonly header: HeaderReader;
  readonly trail: Trail;
  readonly request: ParsedRequest;
  readonly digest: string;
  readonly uncacheable: string | undefined;
  readonly wantsUsage: boolean;
  readonly hold: RequestContext['hold'];

  constructor(
    exchange: Exchange,
    lease: InflightLease,
    { request, facts }: UnderstoodBody,
    readonly principal: Principal,
    readonly operation: Operation,
    readonly directives: CacheDirectives,
    readonly rawHeaders: readonly string[],
    readonly upstreamQuery: string,
    readonly signal: AbortSignal,
  ) {
    this.id = exchange.id;
    this.header = exchange.header;
    this.trail = exchange.trail;
    this.request = request;
    this.digest = facts.digest;
    this.uncacheable = facts.uncacheable;
    this.wantsUsage = facts.wantsUsage;
    // Not a method: layers hand on copies of a context.
    this.hold = (bytes) => {
      lease.charge(bytes);
      return () => lease.credit(bytes);
    };
  }
}
