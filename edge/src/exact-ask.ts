import {
  cacheDigest,
  cacheEnvelope,
  checkContentHeaders,
  clientWantsUsage,
  parseRequest,
  readCacheDirectives,
  readQuery,
  skippedLayers,
  targetParameters,
  uncacheableRule,
} from '@isartor/shared';
import type { CacheDirectives, HeaderReader, LayerName, Operation, Principal } from '@isartor/shared';
import type { AskedBody, AskMemory, BodyMeaning } from './ask-memory.ts';
import type { EdgeRequest } from './edge-context.ts';
import { queryOf } from './edge-context.ts';
import type { Settings } from './env.ts';
import { readBody } from './read-body.ts';
import { sha256Hex } from './sha256-hex.ts';

/** What a request asks of the exact cache. */
export interface ExactAsk extends BodyMeaning {
  readonly tenant: string;
  readonly operation: Operation;
  /** `no-cache` may not read, and does store. */
  readonly mayRead: boolean;
  /** Layers whose answers this caller must not get. */
  readonly skipped: ReadonlySet<LayerName>;
  /** The oldest answer that is welcome, in seconds. */
  readonly maxAgeSecs: number | undefined;
  /** The name under which the body's meaning may be remembered; `undefined` where it is already, or is not to be. */
  readonly name: string | undefined;
}

/** What reading a request needs. */
export interface ExactAskParts {
  readonly settings: Settings;
  readonly asks: AskMemory;
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
  { settings, asks }: ExactAskParts,
): Promise<ExactAsk | undefined> {
  const { headers } = c.req.raw;
  const header: HeaderReader = (name) => headers.get(name) ?? undefined;
  const query = readQuery(operation, queryOf(c));
  checkContentHeaders(header);
  const directives = readCacheDirectives(header);
  const body = await readBody(c.req.raw);
  c.set('body', body);
  const principal = c.get('principal');
  if (body.kind === 'long' || principal === undefined || !takesPart(principal, directives, settings)) return undefined;

  const { tenant, ttlSecs } = principal;
  const { session } = directives;
  const route = c.get('route');
  const target = route.kind === 'operation' ? route.target : undefined;
  const pathParameters = { ...query.envelope, ...targetParameters(target) };
  const { sse } = query;
  const asked: AskedBody = { tenant, operation, target, sse, pathParameters, header, session, bytes: body.bytes };
  const name = asks.nameOf(asked);
  const known = name === undefined ? undefined : asks.get(name);
  const meaning = known ?? meaningOf(asked, settings);
  if (meaning === undefined) return undefined;
  return {
    ...meaning,
    tenant,
    operation,
    mayRead: !directives.noCache,
    skipped: skippedLayers(principal, directives, settings.semanticCache ? [] : ['l1b']),
    maxAgeSecs: smallest(directives.ttlSecs, ttlSecs),
    name: known === undefined ? name : undefined,
  };
}

/** @returns `undefined` for a body that no cache may answer. */
function meaningOf(asked: AskedBody, { sampled, shareUsers }: Settings): BodyMeaning | undefined {
  const request = parseRequest(asked, asked.bytes);
  if (uncacheableRule(request, { sampled }) !== undefined) return undefined;
  const envelope = cacheEnvelope({ ...asked, body: request.body, shareUsers });
  return {
    digest: cacheDigest(asked.tenant, envelope, sha256Hex),
    stream: request.stream,
    wantsUsage: clientWantsUsage(request),
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
