import type { PathTarget } from '../dialects/gemini/path-target.ts';
import { GatewayError } from '../error/gateway-error.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonObject, parseJson } from '../json/json-value.ts';
import type { JsonScan } from '../json/scan-json.ts';
import { scanJson } from '../json/scan-json.ts';
import type { Operation } from '../operation.ts';
import { OPERATION_SPECS } from '../operation.ts';
import { REQUEST_CHECKS } from './request-schema.ts';

/** A request that was understood. `bytes` is the body as the client sent it; `body` is what those bytes mean. */
export interface ParsedRequest {
  readonly operation: Operation;
  readonly body: JsonObject;
  readonly scan: JsonScan;
  /** The model that the client named, if any. */
  readonly model: string | undefined;
  /** Whether the answer is to be a stream: asked for, by an operation that streams. */
  readonly stream: boolean;
  readonly bytes: Uint8Array;
  /** What the path named, where it names the model. */
  readonly target: PathTarget | undefined;
}

/** What of a request is known from its path and query. */
export interface RequestHead {
  readonly operation: Operation;
  readonly target?: PathTarget | undefined;
  /** Events were asked for by the query. */
  readonly sse?: boolean | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/**
 * Reads a request body: the byte scan, JSON.parse, the shape of the fields that Isartor looks at. Unknown fields
 * survive. `beforeParse` is told what the parsed form will hold, and may refuse it by throwing.
 * Throws GatewayError `unsafe_json`, `invalid_json`, or `invalid_request` with the field in `param`.
 */
export function parseRequest(
  head: Operation | RequestHead,
  bytes: Uint8Array,
  beforeParse?: (scan: JsonScan) => void,
): ParsedRequest {
  const { operation, target, sse }: RequestHead = typeof head === 'string' ? { operation: head } : head;
  if (target?.method === 'generateContent' && sse === true) {
    throw new GatewayError('invalid_query', 'Ask :streamGenerateContent for events (alt=sse), or leave alt out.');
  }
  const scan = scanJson(bytes);
  beforeParse?.(scan);
  if (scan.syntaxErrorAt >= 0) {
    throw new GatewayError('invalid_json', `The request body is not valid JSON: see byte ${scan.syntaxErrorAt}.`);
  }
  const body = parsed(bytes);
  if (!isJsonObject(body)) throw new GatewayError('invalid_request', 'The request body must be a JSON object.');
  const fault = REQUEST_CHECKS[operation](body);
  if (fault !== undefined) {
    throw new GatewayError('invalid_request', `${fault.param} must be ${fault.expected}.`, { param: fault.param });
  }
  const model = body['model'];
  return {
    operation,
    body,
    scan,
    model: target?.model ?? (typeof model === 'string' ? model : undefined),
    stream: isStream({ operation, target, sse }, body),
    bytes,
    target,
  };
}

function isStream({ operation, target, sse }: RequestHead, body: JsonObject): boolean {
  if (target !== undefined) return target.method === 'streamGenerateContent' && sse === true;
  return OPERATION_SPECS[operation].streams && body['stream'] === true;
}

function parsed(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(utf8.decode(bytes));
  } catch (cause) {
    // Not reached as long as the scan and JSON.parse agree, which a property test holds them to.
    throw new GatewayError('invalid_json', 'The request body is not valid JSON.', { cause });
  }
}
