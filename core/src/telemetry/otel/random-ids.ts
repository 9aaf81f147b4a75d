import { randomFillSync } from 'node:crypto';

/** Bytes got from the system at once. An id keeps the text that it is cut from alive, so it is no more than this. */
const POOL_BYTES = 1_024;

/**
 * Ids of traces and spans, in hex. One is cut from a text of many, which is some ten times cheaper than one by one. That
 * one is all zeros, which W3C Trace Context forbids, is as likely as two that are the same.
 */
export class RandomIds {
  private readonly pool = Buffer.allocUnsafe(POOL_BYTES);
  private digits = '';
  private used = 0;

  next(bytes: 8 | 16): string {
    if (this.used + bytes * 2 > this.digits.length) {
      this.digits = randomFillSync(this.pool).toString('hex');
      this.used = 0;
    }
    const from = this.used;
    this.used += bytes * 2;
    return this.digits.slice(from, this.used);
  }
}
