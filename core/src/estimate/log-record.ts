import {
  GatewayError,
  isJsonObject,
  matchRoute,
  OPERATION_SPECS,
  OPERATIONS,
  parseJson,
  parseRequest,
  scanJson,
  usageOf,
  type JsonValue,
  type Operation,
  type ParsedRequest,
  type RequestHead,
  type Usage,
} from '@isartor/shared';

/** One request of a log. */
export interface LogRecord {
  /** Unix milliseconds. */
  readonly at: number;
  readonly tenant: string;
  readonly operation: Operation;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the gateway would refuse it (400). */
  readonly request: ParsedRequest | undefined;
  readonly answer: {
    /** HTTP status; 200 where the log does not tell. */
    readonly status: number;
    /** Null where the log does not tell. */
    readonly usage: Usage | null;
  };
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Reads a line: `{"at": ISO time or unix ms, "tenant"?, "operation" or "path"?, "headers"?, "request": {…},
 * "answer"?: {"status"?, "usage"?}}`. Without operation and path it is a chat; `usage` is as the provider told it.
 * Other members are passed over. Throws an Error that names the field.
 */
export function readLogRecord(line: string): LogRecord {
  const bytes = utf8.encode(line);
  const value = readValue(bytes);
  if (!isJsonObject(value)) throw new Error('is not a JSON object');
  const head = readHead(value['operation'] ?? value['path']);
  const { operation } = head;
  const span = scanJson(bytes).members.get('request');
  if (span === undefined) throw new Error('`request` is missing');
  return {
    at: readTime(value['at']),
    tenant: readTenant(value['tenant']),
    operation,
    headers: readHeaders(value['headers']),
    request: readRequest(head, bytes.subarray(span.start, span.end)),
    answer: readAnswer(operation, value['answer']),
  };
}

function readValue(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(text.decode(bytes));
  } catch (cause) {
    throw new Error('is not JSON', { cause });
  }
}

function readTime(at: JsonValue | undefined): number {
  const ms = typeof at === 'string' ? Date.parse(at) : at;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  throw new Error('`at` must be an ISO time or unix milliseconds');
}

function readTenant(tenant: JsonValue | undefined): string {
  if (tenant === undefined || tenant === null) return 'default';
  if (typeof tenant === 'string') return tenant;
  throw new Error('`tenant` must be a text');
}

/** An operation by its name, or by the path that was asked, its query included. */
function readHead(named: JsonValue | undefined): RequestHead {
  if (named === undefined || named === null) return { operation: 'openai.chat' };
  const operation = OPERATIONS.find((name) => name === named && OPERATION_SPECS[name].routes.length > 0);
  if (operation !== undefined) return { operation };
  const [path = '', query] = typeof named === 'string' ? named.split('?', 2) : [];
  const route = matchRoute('POST', path);
  if (route.kind !== 'operation') {
    throw new Error(`\`operation\` or \`path\` must be one of ${OPERATIONS.join(', ')}, or a route of one`);
  }
  return { operation: route.operation, target: route.target, sse: new URLSearchParams(query).get('alt') === 'sse' };
}

function readHeaders(headers: JsonValue | undefined): Record<string, string> {
  const texts: Record<string, string> = {};
  if (headers === undefined || headers === null) return texts;
  if (!isJsonObject(headers)) throw new Error('`headers` must be an object of texts');
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') throw new Error(`\`headers.${name.slice(0, 64)}\` must be a text`);
    texts[name.toLowerCase()] = value;
  }
  return texts;
}

function readRequest(head: RequestHead, bytes: Uint8Array): ParsedRequest | undefined {
  try {
    return parseRequest(head, bytes);
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

function readAnswer(operation: Operation, answer: JsonValue | undefined): LogRecord['answer'] {
  if (answer === undefined || answer === null) return { status: 200, usage: null };
  if (!isJsonObject(answer)) throw new Error('`answer` must be an object');
  const { status = 200 } = answer;
  if (typeof status !== 'number') throw new Error('`answer.status` must be a number');
  return { status, usage: usageOf(operation, answer) };
}
