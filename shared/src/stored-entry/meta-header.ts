import type { StoredEntryMeta } from './stored-entry-meta.ts';
import { decodeMeta, encodeMeta } from './stored-entry-meta.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** A longer value was not made here. */
const MAX_HEADER_LENGTH = 8192;

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The metadata line as the value of `x-isartor-stored`: base64url (RFC 4648, section 5), without padding. */
export function encodeMetaHeader(meta: StoredEntryMeta): string {
  const bytes = utf8.encode(encodeMeta(meta));
  let header = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const letters = Math.min(bytes.length - at, 3) + 1;
    for (let i = 0; i < letters; i++) header += ALPHABET.charAt((group >> (18 - 6 * i)) & 63);
  }
  return header;
}

/** Reads it; undefined for damage and for another version. */
export function decodeMetaHeader(header: string): StoredEntryMeta | undefined {
  if (header.length > MAX_HEADER_LENGTH || header.length % 4 === 1 || !BASE64URL.test(header)) return undefined;
  const bytes = new Uint8Array(Math.floor((header.length * 3) / 4));
  let group = 0;
  let bits = 0;
  let to = 0;
  for (const letter of header) {
    group = ((group << 6) | ALPHABET.indexOf(letter)) & 0xffff;
    bits += 6;
    if (bits >= 8) bytes[to++] = (group >> (bits -= 8)) & 0xff;
  }
  try {
    return decodeMeta(text.decode(bytes));
  } catch {
    return undefined;
  }
}
