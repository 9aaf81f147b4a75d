import {
  cacheDigest,
  cacheEnvelope,
  clientWantsUsage,
  parseRequest,
  uncacheableRule,
  type CacheDirectives,
  type HeaderReader,
  type Operation,
  type ParsedRequest,
} from '@isartor/shared';
import { sha256Hex } from '../sha256-hex.ts';
import type { InflightLease } from '../inflight/inflight-budget.ts';
import { reduceBody } from './reduce-body.ts';

/** A longer body is parsed, keyed and dropped in one step: of its parsed form only what reduceBody keeps stays. */
const KEEP_PARSED_BYTES = 1024 * 1024;
/** What a parsed body is charged: 3 times its length and 32 bytes a value. */
const PARSED_BYTES_PER_BYTE = 3;
const PARSED_BYTES_PER_VALUE = 32;

/** What a body's key depends on beside the body. */
export interface KeyScope {
  readonly tenant: string;
  readonly operation: Operation;
  readonly header: HeaderReader;
  readonly directives: CacheDirectives;
  /** Path parameters and the query parameters that decide the answer. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly shareUsers: boolean;
  /** Whether requests that sample are cached. */
  readonly sampled: boolean;
}

/** What a body came to. */
export interface UnderstoodBody {
  readonly request: ParsedRequest;
  readonly digest: string;
  readonly uncacheable: string | undefined;
  readonly wantsUsage: boolean;
}

/**
 * Parses a body and computes its cache key, charging the lease for the parsed form while it lives. One synchronous
 * step, so that of several long bodies only one is ever in parsed form. Throws GatewayError.
 */
export function parseBody(bytes: Uint8Array, scope: KeyScope, lease: InflightLease): UnderstoodBody {
  let charged = 0;
  const request = parseRequest(scope.operation, bytes, (scan) => {
    charged = PARSED_BYTES_PER_BYTE * bytes.byteLength + PARSED_BYTES_PER_VALUE * scan.values;
    lease.charge(charged);
  });
  const envelope = cacheEnvelope({
    operation: scope.operation,
    pathParameters: scope.pathParameters,
    header: scope.header,
    session: scope.directives.session,
    body: request.body,
    shareUsers: scope.shareUsers,
  });
  const understood = {
    request,
    digest: cacheDigest(scope.tenant, envelope, sha256Hex),
    uncacheable: uncacheableRule(request, { sampled: scope.sampled }),
    wantsUsage: clientWantsUsage(request),
  };
  if (bytes.byteLength <= KEEP_PARSED_BYTES) return understood;
  lease.credit(charged);
  return { ...understood, request: { ...request, body: reduceBody(scope.operation, request.body) } };
}
