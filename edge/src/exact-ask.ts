import {
  cacheDigest,
  cacheEnvelope,
  checkContentHeaders,
  parseRequest,
  readCacheDirectives,
  readQuery,
  skippedLayers,
  uncacheableRule,
} from '@isartor/shared';
import type { CacheDirectives, HeaderReader, LayerName, Operation, ParsedRequest, Principal } from '@isartor/shared';
import type { EdgeRequest } from './edge-context.ts';
import type { Settings } from './env.ts';
import { readBody } from './read-body.ts';
import { sha256Hex } from './sha256-hex.ts';

/** What a request asks of the exact cache. */
export interface ExactAsk {
  readonly tenant: string;
  readonly digest: string;
  readonly request: ParsedRequest;
  /** `no-cache` may not read, and does store. */
  readonly mayRead: boolean;
  /** Layers whose answers this caller must not get. */
  readonly skipped: ReadonlySet<LayerName>;
  /** The oldest answer that is welcome, in seconds. */
  readonly maxAgeSecs: number | undefined;
}

/**
 * Reads a request as far as the exact cache needs it, and leaves its body in the context for the core.
 *
 * @returns `undefined` when the exact cache has no part in it.
 * @throws GatewayError for a request that no layer could answer.
 */
export async function readExactAsk(
  c: EdgeRequest,
  operation: Operation,
  settings: Settings,
): Promise<ExactAsk | undefined> {
  const header: HeaderReader = (name) => c.req.raw.headers.get(name) ?? undefined;
  const query = readQuery(operation, new URL(c.req.url).searchParams);
  checkContentHeaders(header);
  const directives = readCacheDirectives(header);
  const body = await readBody(c.req.raw);
  c.set('body', body);
  const { principal } = c.var;
  if (body.kind === 'long' || principal === undefined || !takesPart(principal, directives, settings)) return undefined;

  const request = parseRequest(operation, body.bytes);
  if (uncacheableRule(request, { sampled: settings.sampled }) !== undefined) return undefined;
  const envelope = cacheEnvelope({
    operation,
    pathParameters: query.envelope,
    header,
    session: directives.session,
    body: request.body,
    shareUsers: settings.shareUsers,
  });
  return {
    tenant: principal.tenant,
    digest: cacheDigest(principal.tenant, envelope, sha256Hex),
    request,
    mayRead: !directives.noCache,
    skipped: skippedLayers(principal, directives, settings.semanticCache ? [] : ['l1b']),
    maxAgeSecs: smallest(directives.ttlSecs, principal.ttlSecs),
  };
}

function takesPart(principal: Principal, directives: CacheDirectives, settings: Settings): boolean {
  if (!settings.exactCache || principal.cache === 'off' || directives.noStore || directives.bypass.has('l1a'))
    return false;
  return principal.layers === undefined || principal.layers.includes('l1a');
}

function smallest(...limits: (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
