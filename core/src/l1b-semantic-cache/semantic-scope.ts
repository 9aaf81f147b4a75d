import { cacheDigest, cacheEnvelope, targetParameters, type JsonObject } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';
import { sha256Hex } from '../sha256-hex.ts';

/**
 * Who may share answers with whom: a digest of the tenant and of the whole envelope of the cache key but for the
 * question's text. Same operation, model (in the body or the path), system prompt, parameters, headers and session. The caller's own user is
 * always in it, whatever `ISARTOR__CACHE_SHARE_USERS` says. `rest` is the body without the question's text.
 */
export function semanticScope(
  context: Pick<RequestContext, 'principal' | 'operation' | 'header' | 'directives' | 'upstreamQuery' | 'request'>,
  rest: JsonObject,
): string {
  const envelope = cacheEnvelope({
    operation: context.operation,
    // The whole query that reaches the provider: at least what decides the answer.
    pathParameters: { query: context.upstreamQuery, ...targetParameters(context.request.target) },
    header: context.header,
    session: context.directives.session,
    body: rest,
    shareUsers: false,
  });
  return cacheDigest(context.principal.tenant, ['l1b', ...envelope], sha256Hex);
}
