import { parseRequest, type Operation, type ParsedRequest, type PathTarget, type RequestHead } from '@isartor/shared';
import type { InflightLease } from '../inflight/inflight-budget.ts';
import { factsOf, type BodyFacts, type KeyScope } from './key-facts.ts';
import type { KnownBodies } from './known-bodies.ts';
import { reduceBody } from './reduce-body.ts';

/** A longer body is parsed, keyed and dropped in one step: of its parsed form only what reduceBody keeps stays. */
const KEEP_PARSED_BYTES = 1024 * 1024;
/** What a parsed body is charged: 3 times its length and 32 bytes a value. */
const PARSED_BYTES_PER_BYTE = 3;
const PARSED_BYTES_PER_VALUE = 32;

/** What a body came to. */
export interface UnderstoodBody {
  readonly request: ParsedRequest;
  readonly facts: BodyFacts;
}

/**
 * Parses a body and computes its cache key, charging the lease for the parsed form while it lives. One synchronous
 * step, so that of several long bodies only one is ever in parsed form. A body that came before is not parsed unless
 * somebody asks for its parsed form. Throws GatewayError.
 */
export function parseBody(
  bytes: Uint8Array,
  scope: KeyScope,
  lease: InflightLease,
  known: KnownBodies,
): UnderstoodBody {
  const isLong = bytes.byteLength > KEEP_PARSED_BYTES;
  const name = isLong ? undefined : known.nameOf(bytes, scope);
  const facts = name === undefined ? undefined : known.get(name);
  if (facts !== undefined) return { facts, request: new KnownRequest(scope, bytes, facts, lease) };

  const { request, charged } = parseCharged(scope, bytes, lease);
  const understood = { request, facts: factsOf(request, scope) };
  if (name !== undefined) {
    known.set(name, understood.facts);
    return understood;
  }
  lease.credit(charged);
  return { ...understood, request: { ...request, body: reduceBody(scope.operation, request.body) } };
}

/** A request whose facts are known: parsed when its parsed form is first asked for, which a cache hit never does. */
class KnownRequest implements ParsedRequest {
  readonly model: string | undefined;
  readonly stream: boolean;
  private whole: ParsedRequest | undefined;

  readonly operation: Operation;
  readonly target: PathTarget | undefined;

  constructor(
    private readonly head: RequestHead,
    readonly bytes: Uint8Array,
    { model, stream }: BodyFacts,
    private readonly lease: InflightLease,
  ) {
    this.operation = head.operation;
    this.target = head.target;
    this.model = model;
    this.stream = stream;
  }

  get body(): ParsedRequest['body'] {
    return this.parsed().body;
  }

  get scan(): ParsedRequest['scan'] {
    return this.parsed().scan;
  }

  private parsed(): ParsedRequest {
    return (this.whole ??= parseCharged(this.head, this.bytes, this.lease).request);
  }
}

/** Parses a body, charging the lease for its parsed form. */
export function parseCharged(
  head: RequestHead,
  bytes: Uint8Array,
  lease: InflightLease,
): { readonly request: ParsedRequest; readonly charged: number } {
  let charged = 0;
  const request = parseRequest(head, bytes, (scan) => {
    charged = PARSED_BYTES_PER_BYTE * bytes.byteLength + PARSED_BYTES_PER_VALUE * scan.values;
    lease.charge(charged);
  });
  return { request, charged };
}
