import {
  cacheDigest,
  cacheEnvelope,
  clientWantsUsage,
  uncacheableRule,
  type CacheDirectives,
  type HeaderReader,
  type JsonValue,
  type Operation,
  type ParsedRequest,
  type PathTarget,
} from '@isartor/shared';
import { sha256Hex } from '../sha256-hex.ts';

/** What a body's key depends on beside the body. Of one process's requests only the first five differ. */
export interface KeyScope {
  readonly tenant: string;
  readonly operation: Operation;
  /** What the path named, where it names the model. */
  readonly target?: PathTarget | undefined;
  readonly sse?: boolean | undefined;
  readonly header: HeaderReader;
  readonly directives: CacheDirectives;
  /** Path parameters and the query parameters that decide the answer. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly shareUsers: boolean;
  /** Whether requests that sample are cached. */
  readonly sampled: boolean;
}

/** What a body means, but for its parsed form. */
export interface BodyFacts {
  readonly digest: string;
  readonly uncacheable: string | undefined;
  readonly wantsUsage: boolean;
  readonly model: string | undefined;
  readonly stream: boolean;
}

/** What the cache key of a request is made of, beside its tenant. */
export function envelopeOf(request: ParsedRequest, scope: KeyScope): JsonValue[] {
  return cacheEnvelope({
    operation: scope.operation,
    pathParameters: scope.pathParameters,
    header: scope.header,
    session: scope.directives.session,
    body: request.body,
    shareUsers: scope.shareUsers,
  });
}

/** What a request means. */
export function factsOf(request: ParsedRequest, scope: KeyScope): BodyFacts {
  return {
    digest: cacheDigest(scope.tenant, envelopeOf(request, scope), sha256Hex),
    uncacheable: uncacheableRule(request, { sampled: scope.sampled }),
    wantsUsage: clientWantsUsage(request),
    model: request.model,
    stream: request.stream,
  };
}
