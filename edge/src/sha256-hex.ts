import { createHash } from 'node:crypto';

/**
 * Hex SHA-256 of the text's UTF-8 bytes. `node:crypto` is native in workerd, adds nothing to the bundle, and unlike
 * `crypto.subtle.digest` answers at once.
 */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
