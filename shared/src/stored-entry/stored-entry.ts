import type { StoredEntryMeta } from './stored-entry-meta.ts';
import { decodeMeta, encodeMeta } from './stored-entry-meta.ts';

/** A stored answer: what is known of it, and the bytes that a plain request is answered with. */
export interface StoredEntry {
  readonly meta: StoredEntryMeta;
  /** Valid UTF-8, not compressed, never empty. */
  readonly body: Uint8Array;
}

/** A longer first line was not written here. */
const MAX_LINE_BYTES = 8192;
const NEWLINE = 0x0a;

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The bytes that edge and core keep: one line of JSON, a newline, the body. */
export function encodeStoredEntry(entry: StoredEntry): Uint8Array {
  const line = utf8.encode(encodeMeta(entry.meta));
  const bytes = new Uint8Array(line.length + 1 + entry.body.length);
  bytes.set(line);
  bytes[line.length] = NEWLINE;
  bytes.set(entry.body, line.length + 1);
  return bytes;
}

/**
 * Reads them. Undefined, which is a miss, for damage and for another version; never a throw. The body is a view of
 * `bytes`, neither copied nor parsed.
 */
export function decodeStoredEntry(bytes: Uint8Array): StoredEntry | undefined {
  const newline = bytes.indexOf(NEWLINE);
  if (newline < 0 || newline > MAX_LINE_BYTES || newline + 1 === bytes.length) return undefined;
  let line: string;
  try {
    line = text.decode(bytes.subarray(0, newline));
  } catch {
    return undefined;
  }
  const meta = decodeMeta(line);
  if (meta === undefined) return undefined;
  const body = bytes.subarray(newline + 1);
  return (meta.bodyBytes ?? body.length) === body.length ? { meta, body } : undefined;
}
