import {
  isJsonObject,
  matchRoute,
  OPERATION_SPECS,
  OPERATIONS,
  parseJson,
  scanJson,
  GatewayError,
  type HeaderReader,
  type JsonValue,
  type Operation,
  type PathTarget,
} from '@isartor/shared';
import { invalidField } from '../read-json-body.ts';

/** A request that is to be explained, its body as it was written. */
export interface AskedRequest {
  readonly operation: Operation;
  /** What the path named, where it names the model. */
  readonly target: PathTarget | undefined;
  readonly header: HeaderReader;
  readonly query: URLSearchParams;
  readonly bytes: Uint8Array;
}

/** What is to be explained. */
export interface ExplainRequest {
  readonly request: AskedRequest;
  /** What it is compared with. */
  readonly other: AskedRequest | undefined;
}

const FORM = '{"operation": "openai.chat", "request": {…}, "headers"?: {…}, "query"?: {…}, "other"?: {"request": {…}}}';
const MEMBERS = ['operation', 'headers', 'query', 'request', 'other'];
const utf8 = new TextDecoder();

/**
 * Reads what is to be explained. `other` has the same members; what it leaves out is the first's. Bodies stay bytes:
 * how a number is written decides whether a request has a cache key. Throws GatewayError naming the field.
 */
export function readExplainRequest(body: unknown): ExplainRequest {
  if (!(body instanceof Uint8Array) || body.byteLength === 0) throw invalidField('body', 'is missing');
  const members = membersOf(body, 'body', '');
  const request = readAsked(members, '');
  const other = members.get('other');
  return {
    request,
    other: other === undefined ? undefined : readAsked(membersOf(other, 'other', 'other.'), 'other.', request),
  };
}

function readAsked(members: ReadonlyMap<string, Uint8Array>, prefix: string, first?: AskedRequest): AskedRequest {
  const bytes = members.get('request');
  if (bytes === undefined) throw invalidField(`${prefix}request`, `is missing: ${FORM}`);
  const operation = members.get('operation');
  const headers = members.get('headers');
  const query = members.get('query');
  if (operation === undefined && first === undefined) throw invalidField('operation', `is missing: ${FORM}`);
  return {
    bytes,
    ...(operation === undefined && first !== undefined ? wayOf(first) : readOperation(operation, prefix)),
    header:
      headers === undefined && first !== undefined ? first.header : headerOf(readTexts(headers, `${prefix}headers`)),
    query:
      query === undefined && first !== undefined
        ? first.query
        : new URLSearchParams(readTexts(query, `${prefix}query`)),
  };
}

/** The members of an object by name, each as its bytes. */
function membersOf(bytes: Uint8Array, field: string, prefix: string): ReadonlyMap<string, Uint8Array> {
  const scan = scanJson(bytes);
  if (scan.syntaxErrorAt >= 0) {
    throw new GatewayError('invalid_json', `The request body is not valid JSON: see byte ${scan.syntaxErrorAt}.`);
  }
  if (scan.objectStart < 0) throw invalidField(field, `must be an object: ${FORM}`);
  const known = prefix === '' ? MEMBERS : MEMBERS.filter((name) => name !== 'other');
  const members = new Map<string, Uint8Array>();
  for (const [name, { start, end }] of scan.members) {
    if (!known.includes(name)) {
      throw invalidField(`${prefix}${name.slice(0, 64)}`, `is not known here; there are: ${known.join(', ')}`);
    }
    members.set(name, bytes.subarray(start, end));
  }
  return members;
}

type Way = Pick<AskedRequest, 'operation' | 'target'>;

function wayOf({ operation, target }: AskedRequest): Way {
  return { operation, target };
}

/** An operation by its name, or by the path that leads to it; Gemini's path names the model, so there it must be that. */
function readOperation(bytes: Uint8Array | undefined, prefix: string): Way {
  const value = bytes === undefined ? undefined : valueOf(bytes);
  const named = OPERATIONS.find((name) => name === value && OPERATION_SPECS[name].routes.length > 0);
  if (named !== undefined) return { operation: named, target: undefined };
  const route = typeof value === 'string' ? matchRoute('POST', value) : undefined;
  if (route?.kind === 'operation') return { operation: route.operation, target: route.target };
  const names = OPERATIONS.filter((name) => OPERATION_SPECS[name].routes.length > 0);
  const paths = [...names.map((name) => OPERATION_SPECS[name].routes[0]), '/v1beta/models/MODEL:generateContent'];
  throw invalidField(`${prefix}operation`, `must be one of ${names.join(', ')}, or a path such as ${paths.join(', ')}`);
}

function readTexts(bytes: Uint8Array | undefined, field: string): Record<string, string> {
  const value = bytes === undefined ? {} : valueOf(bytes);
  if (!isJsonObject(value)) throw invalidField(field, 'must be an object of texts');
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw invalidField(`${field}.${name.slice(0, 64)}`, 'must be a text');
    texts[name] = text;
  }
  return texts;
}

function headerOf(texts: Readonly<Record<string, string>>): HeaderReader {
  const byName = new Map(Object.entries(texts).map(([name, text]) => [name.toLowerCase(), text]));
  return (name) => byName.get(name);
}

/** Of small members alone: the bodies are not parsed here. */
function valueOf(bytes: Uint8Array): JsonValue {
  return parseJson(utf8.decode(bytes));
}
