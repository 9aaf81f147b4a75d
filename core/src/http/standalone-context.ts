import {
  readCacheDirectives,
  readQuery,
  targetParameters,
  type HeaderReader,
  type JsonValue,
  type Operation,
  type ParsedRequest,
  type Principal,
} from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';
import { envelopeOf, factsOf, type KeyScope } from './key-facts.ts';

/** What of the settings bears on every cache key. */
export type KeySettings = Pick<KeyScope, 'shareUsers' | 'sampled'>;

/** A request that did not come by itself: it is talked about, or was written down. */
export interface DescribedRequest {
  readonly operation: Operation;
  readonly header: HeaderReader;
  readonly query: URLSearchParams;
  readonly request: ParsedRequest;
  readonly principal: Principal;
  readonly settings: KeySettings;
  readonly id: string;
  readonly signal: AbortSignal;
}

/** A request as the layers would see it, and what its key is made of. */
export interface StandaloneRequest {
  readonly context: RequestContext;
  readonly envelope: readonly JsonValue[];
}

/** The context that the request would have. Throws GatewayError for headers and queries that would be refused. */
export function standaloneContext(described: DescribedRequest): StandaloneRequest {
  const { operation, header, request, principal, settings, id, signal } = described;
  const directives = readCacheDirectives(header);
  const query = readQuery(operation, described.query);
  const { tenant } = principal;
  const { target } = request;
  const pathParameters = { ...query.envelope, ...targetParameters(target) };
  const scope: KeyScope = { tenant, operation, target, header, directives, pathParameters, ...settings };
  const { digest, uncacheable, wantsUsage } = factsOf(request, scope);
  const context: RequestContext = {
    id,
    principal,
    operation,
    request,
    directives,
    uncacheable,
    digest,
    header,
    rawHeaders: [],
    upstreamQuery: query.upstream,
    wantsUsage,
    signal,
    trail: { timings: [], faults: [] },
    // Nobody asks a model for it.
    hold: () => () => undefined,
  };
  return { context, envelope: envelopeOf(request, scope) };
}
