import { GatewayError, readCacheDirectives, readQuery, type JsonValue, type Principal } from '@isartor/shared';
import { envelopeOf, factsOf, parseCharged, type KeyScope } from '../http/parse-body.ts';
import type { InflightLease } from '../inflight/inflight-budget.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { AskedRequest } from './explain-request.ts';

/** What of the settings bears on every cache key. */
export type KeySettings = Pick<KeyScope, 'shareUsers' | 'sampled'>;

/** Who asks, and on whose account its memory goes. */
export interface Asker {
  readonly principal: Principal;
  readonly lease: InflightLease;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

/** A request as the layers would see it, and what its key is made of. */
export interface ExplainedRequest {
  readonly context: RequestContext;
  readonly envelope: readonly JsonValue[];
}

/** Understands a request exactly as one that is to be answered. Throws GatewayError naming the field, below `prefix`. */
export function understand(asked: AskedRequest, prefix: string, settings: KeySettings, asker: Asker): ExplainedRequest {
  try {
    return contextOf(asked, settings, asker);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.param === undefined) throw error;
    const param = `${prefix}${error.code === 'invalid_header' ? 'headers' : 'request'}.${error.param}`;
    throw new GatewayError(error.code, `In \`${param}\`: ${error.message}`, { param });
  }
}

function contextOf(asked: AskedRequest, settings: KeySettings, { principal, lease, requestId, signal }: Asker) {
  const { operation, header, bytes } = asked;
  const directives = readCacheDirectives(header);
  const query = readQuery(operation, asked.query);
  const { request } = parseCharged(operation, bytes, lease);
  const { tenant } = principal;
  const scope: KeyScope = { tenant, operation, header, directives, pathParameters: query.envelope, ...settings };
  const { digest, uncacheable, wantsUsage } = factsOf(request, scope);
  const context: RequestContext = {
    id: requestId,
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
  };
  return { context, envelope: envelopeOf(request, scope) };
}
