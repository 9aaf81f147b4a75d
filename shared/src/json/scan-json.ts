import { JsonNames } from './json-names.ts';
import { isExactNumber, scanNumber } from './number-literal.ts';
import { JSON_LIMITS, unsafeJson } from './scan-rule.ts';
import { PLAIN_BYTES, scanString } from './string-literal.ts';
import { firstInvalidUtf8 } from './utf8-sequence.ts';

/** Offsets of a value's first byte and of the byte after its last. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** What one pass over the bytes of a JSON text learns. */
export interface JsonScan {
  /** Values of every kind, objects and arrays among them. */
  readonly values: number;
  /** Objects and arrays. */
  readonly containers: number;
  /** False when a number is written so that a double may not tell it from another: then the body has no cache key. */
  readonly exactNumbers: boolean;
  /** Offset just after the top-level `{`, -1 when the text is not an object. */
  readonly objectStart: number;
  /** Where the text stops being JSON, -1 when it is JSON. What follows was checked for valid UTF-8 only. */
  readonly syntaxErrorAt: number;
  /** Where the value of each top-level member stands. Made on first use. */
  readonly members: ReadonlyMap<string, ByteSpan>;
}

/**
 * One linear pass over a request body, before JSON.parse: refuses what two readers may understand differently and what
 * would cost too much memory to parse (SCAN_RULES), by a GatewayError `unsafe_json` that names the rule and the byte.
 * A text that is not JSON is no error here: see `syntaxErrorAt`.
 */
export function scanJson(bytes: Uint8Array): JsonScan {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw unsafeJson('bom', 0);
  const scanner = new Scanner(bytes);
  const end = scanner.text();
  if (end < 0) {
    scanner.syntaxErrorAt = ~end;
    const invalid = firstInvalidUtf8(bytes, ~end);
    if (invalid >= 0) throw unsafeJson('invalid-utf8', invalid);
  }
  return scanner;
}

/** A number of fewer bytes is exact whatever its digits: the longest exponent it has room for is 99. */
const ALWAYS_EXACT_LENGTH = 5;

const ascii = new TextEncoder();
const PROTO = ascii.encode('__proto__');
const TRUE = ascii.encode('true');
const FALSE = ascii.encode('false');
const NULL = ascii.encode('null');

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether the container at each depth is an object. Scanning is synchronous, so one buffer serves every scan. */
const isObjectAt = new Uint8Array(JSON_LIMITS.depth + 1);

/** Methods that move on return the offset they reached, or the complement (`~offset`) of where the text stops being JSON. */
class Scanner implements JsonScan {
  values = 0;
  containers = 0;
  exactNumbers = true;
  objectStart = -1;
  syntaxErrorAt = -1;
  readonly #bytes: Uint8Array;
  readonly #names: JsonNames;
  /** Of each top-level member: start and end of the name (as JsonNames wants them) and of the value. */
  readonly #spans: number[] = [];
  #members: Map<string, ByteSpan> | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#names = new JsonNames(bytes);
  }

  get members(): ReadonlyMap<string, ByteSpan> {
    if (this.#members === undefined) {
      this.#members = new Map();
      const spans = this.#spans;
      for (let i = 0; i + 3 < spans.length; i += 4) {
        const name = utf8.decode(this.#names.bytesOf(spans[i] ?? 0, spans[i + 1] ?? 0));
        this.#members.set(name, { start: spans[i + 2] ?? 0, end: spans[i + 3] ?? 0 });
      }
    }
    return this.#members;
  }

  /** The whole text: one value with nothing but white space around it. */
  text(): number {
    const bytes = this.#bytes;
    let depth = 0;
    let at = afterSpace(bytes, 0);
    for (;;) {
      // A value starts at `at`.
      if (++this.values > JSON_LIMITS.values) throw unsafeJson('values', at);
      const first = bytes[at];
      if (first === 0x22) at = scanString(bytes, at + 1);
      else if (first === 0x7b || first === 0x5b) {
        if (++this.containers > JSON_LIMITS.containers) throw unsafeJson('containers', at);
        if (++depth > JSON_LIMITS.depth) throw unsafeJson('depth', at);
        const isObject = first === 0x7b;
        isObjectAt[depth] = isObject ? 1 : 0;
        if (isObject) {
          this.#names.open();
          if (depth === 1) this.objectStart = at + 1;
        }
        at = afterSpace(bytes, at + 1);
        if (bytes[at] !== (isObject ? 0x7d : 0x5d)) {
          if (isObject) at = this.#name(at, depth);
          if (at < 0) return at;
          continue;
        }
        // Empty: the loop below closes it.
      } else if (first === 0x74) at = this.#word(at, TRUE);
      else if (first === 0x66) at = this.#word(at, FALSE);
      else if (first === 0x6e) at = this.#word(at, NULL);
      else at = this.#number(at);
      if (at < 0) return at;

      // A value ended at `at`, or an empty container waits for its end there.
      for (;;) {
        if (depth === 1 && isObjectAt[1] === 1 && this.#spans.length % 4 === 3) this.#spans.push(at);
        at = afterSpace(bytes, at);
        if (depth === 0) return at === bytes.length ? at : ~at;
        const next = bytes[at];
        const isObject = isObjectAt[depth] === 1;
        if (next === 0x2c) {
          at = afterSpace(bytes, at + 1);
          if (isObject) at = this.#name(at, depth);
          if (at < 0) return at;
          break;
        }
        if (next !== (isObject ? 0x7d : 0x5d)) return ~at;
        if (isObject) this.#names.close();
        depth--;
        at++;
      }
    }
  }

  /** A member's name that starts at `at`, its colon and the white space around it. */
  #name(at: number, depth: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== 0x22) return ~at;
    let start = at + 1;
    let end = start;
    while (end < bytes.length && PLAIN_BYTES[bytes[end] ?? 0] === 1) end++;
    let after = end + 1;
    if (bytes[end] !== 0x22) {
      after = scanString(bytes, end);
      if (after < 0) return after;
      end = after - 1;
      if (bytes.subarray(start, end).includes(0x5c)) {
        start = this.#names.unescape(start, end);
        end = this.#names.unescapedEnd;
      }
    }
    if ((end - start === PROTO.length || start - end === PROTO.length) && this.#isProto(start, end)) {
      throw unsafeJson('proto-name', at);
    }
    if (!this.#names.add(start, end)) throw unsafeJson('duplicate-name', at);
    const colon = afterSpace(bytes, after);
    if (bytes[colon] !== 0x3a) return ~colon;
    const value = afterSpace(bytes, colon + 1);
    if (depth === 1) this.#spans.push(start, end, value);
    return value;
  }

  #isProto(start: number, end: number): boolean {
    const name = this.#names.bytesOf(start, end);
    return PROTO.every((byte, i) => byte === name[i]);
  }

  #number(at: number): number {
    const end = scanNumber(this.#bytes, at);
    if (end - at >= ALWAYS_EXACT_LENGTH && this.exactNumbers) this.exactNumbers = isExactNumber(this.#bytes, at, end);
    return end;
  }

  #word(at: number, word: Uint8Array): number {
    for (let i = 1; i < word.length; i++) if (this.#bytes[at + i] !== word[i]) return ~(at + i);
    return at + word.length;
  }
}

function afterSpace(bytes: Uint8Array, from: number): number {
  const length = bytes.length;
  let at = from;
  while (at < length) {
    const byte = bytes[at] ?? 0;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at++;
  }
  return at;
}
