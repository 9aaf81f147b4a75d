import type { ByteSpan } from '@isartor/shared';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Where a member of an object stands in JSON's bytes. */
export interface MemberSpan {
  /** From its name to its value's end. */
  readonly member: ByteSpan;
  readonly value: ByteSpan;
}

/**
 * Finds a member of the object that begins at `start`; undefined where it has none of that name, or nothing begins there.
 * The bytes must be valid JSON. Not `scanJson`, which bounds how many values a text may have: it is for what clients send.
 */
export function memberSpan(json: Uint8Array, start: number, name: string): MemberSpan | undefined {
  if (json[start] !== 0x7b) return undefined;
  let at = afterSpace(json, start + 1);
  while (json[at] === QUOTE) {
    const nameEnd = stringEnd(json, at);
    const valueStart = afterSpace(json, afterSpace(json, nameEnd) + 1);
    const valueEnd = endOf(json, valueStart);
    if (isText(json, at + 1, nameEnd - 1, name)) {
      return { member: { start: at, end: valueEnd }, value: { start: valueStart, end: valueEnd } };
    }
    at = afterSpace(json, valueEnd);
    if (json[at] !== COMMA) return undefined;
    at = afterSpace(json, at + 1);
  }
  return undefined;
}

/** Without a member: one of the commas beside it goes with it. */
export function withoutMember(json: Uint8Array, { member }: MemberSpan): Uint8Array {
  const next = afterSpace(json, member.end);
  if (json[next] === COMMA) return spliced(json, { start: member.start, end: afterSpace(json, next + 1) }, '');
  let before = member.start - 1;
  while (isSpace(json[before])) before -= 1;
  return spliced(json, { start: json[before] === COMMA ? before : member.start, end: member.end }, '');
}

/** With other bytes in the place of some. */
export function spliced(bytes: Uint8Array, { start, end }: ByteSpan, text: string): Uint8Array {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)]);
}

/** The offset of the first byte from `at` on that is no white space. */
export function afterSpace(json: Uint8Array, at: number): number {
  let next = at;
  while (isSpace(json[next])) next += 1;
  return next;
}

function endOf(json: Uint8Array, start: number): number {
  if (json[start] === QUOTE) return stringEnd(json, start);
  let depth = 0;
  let at = start;
  while (at < json.length) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = stringEnd(json, at);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) return at;
    at += 1;
  }
  return at;
}

function stringEnd(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function isText(json: Uint8Array, start: number, end: number, name: string): boolean {
  return (
    end - start === name.length &&
    Buffer.from(json.buffer, json.byteOffset + start, end - start).equals(Buffer.from(name))
  );
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
