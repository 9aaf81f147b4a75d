import { isJsonObject, type JsonObject } from '../json/json-value.ts';
import { scanJson, type ByteSpan } from '../json/scan-json.ts';
import type { ParsedRequest } from './parse-request.ts';

const utf8 = new TextEncoder();

/** Whether the client asked for the usage chunk at the end of a stream. */
export function clientWantsUsage(request: ParsedRequest): boolean {
  const options = request.body['stream_options'];
  return isJsonObject(options) && options['include_usage'] === true;
}

/**
 * The body with `stream_options.include_usage` set, all other bytes as the client sent them: the one edit that Isartor
 * permits itself on the way to a provider. `undefined` when there is nothing to edit: the request does not stream, the
 * client said something about `include_usage` itself, or `stream_options` is not an object (null counts as absent).
 */
export function withIncludeUsage(request: ParsedRequest): Uint8Array | undefined {
  if (!request.stream) return undefined;
  const options = request.body['stream_options'] ?? null;
  if (options === null) return withMember(request, 'stream_options', '{"include_usage":true}');
  if (!isJsonObject(options) || Object.hasOwn(options, 'include_usage')) return undefined;
  const span = request.scan.members.get('stream_options');
  if (span === undefined) return undefined;
  const inserted = Object.keys(options).length === 0 ? '"include_usage":true' : '"include_usage":true,';
  return splice(request.bytes, { start: span.start + 1, end: span.start + 1 }, inserted);
}

/** The body with `model` set to another one, or added, all other bytes as the client sent them. */
export function withModel(request: ParsedRequest, model: string): Uint8Array {
  return withMember(request, 'model', JSON.stringify(model));
}

/**
 * A body, which is a JSON object, with members set, all other bytes as they were. Throws as `scanJson` does.
 */
export function withMembers(bytes: Uint8Array, members: JsonObject): Uint8Array {
  return Object.entries(members).reduce(
    (body, [name, value]) => withMember({ bytes: body, scan: scanJson(body) }, name, JSON.stringify(value)),
    bytes,
  );
}

const COMMA = 0x2c;

/**
 * A body, which is a JSON object, without some of its members, all other members' bytes as they were. Throws as
 * `scanJson` does.
 */
export function withoutMembers(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  return names.reduce(withoutMember, bytes);
}

function withoutMember(bytes: Uint8Array, name: string): Uint8Array {
  const { members, objectStart } = scanJson(bytes);
  const span = members.get(name);
  if (span === undefined) return bytes;
  const spans = [...members.values()];
  const before = spans[spans.indexOf(span) - 1];
  // The first of several goes with the comma behind it, every other one with the comma before it.
  return before === undefined && spans.length > 1
    ? splice(bytes, { start: objectStart, end: bytes.indexOf(COMMA, span.end) + 1 }, '')
    : splice(bytes, { start: before?.end ?? objectStart, end: span.end }, '');
}

function withMember(request: Pick<ParsedRequest, 'bytes' | 'scan'>, name: string, value: string): Uint8Array {
  const { scan, bytes } = request;
  const span = scan.members.get(name);
  if (span !== undefined) return splice(bytes, span, value);
  const start = scan.objectStart;
  return splice(bytes, { start, end: start }, `"${name}":${value}${scan.members.size === 0 ? '' : ','}`);
}

function splice(bytes: Uint8Array, span: ByteSpan, text: string): Uint8Array {
  const inserted = utf8.encode(text);
  const edited = new Uint8Array(bytes.length - (span.end - span.start) + inserted.length);
  edited.set(bytes.subarray(0, span.start));
  edited.set(inserted, span.start);
  edited.set(bytes.subarray(span.end), span.start + inserted.length);
  return edited;
}
