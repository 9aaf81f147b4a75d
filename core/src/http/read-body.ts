import type { IncomingMessage } from 'node:http';
import { GatewayError } from '@isartor/shared';
import type { InflightLease } from '../inflight/inflight-budget.ts';
import { freeChunk } from './free-chunk.ts';
import { unwatch, watch } from '../watch.ts';

/** From this age on a body must have arrived at the least rate. */
const RATE_CHECK_AFTER_MS = 5_000;
/** What one read of a socket brings at most. */
const ONE_READ_BYTES = 65_536;

/** Bounds on one request body. */
export interface BodyLimits {
  readonly bodyBytes: number;
  /** Whole body, in ms. */
  readonly bodyMs: number;
  /** After the first 5 s. */
  readonly bodyMinBytesPerSec: number;
}

/**
 * Reads a request body whole, charging the lease for each chunk as it arrives. Throws GatewayError `body_too_large`,
 * `request_timeout` (too slow in all, or slower than the least rate) or `overloaded`; then the rest is left unread.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits, lease: InflightLease): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new CollectedBody(declaredLength(request));
    const startedAt = performance.now();
    let settled = false;
    const settle = (): void => {
      settled = true;
      unwatch(clock);
    };
    const fail = (error: unknown): void => {
      if (settled) return;
      settle();
      body.discard();
      request.pause();
      reject(error);
    };
    const clock = {
      check: (nowMs: number): void => {
        const slow = slowness(nowMs - startedAt, body.size, limits);
        if (slow !== undefined) fail(slow);
      },
    };
    // Listeners are left in place: to take them off costs as much as it did to add them.
    request
      .on('data', (chunk: Buffer) => {
        if (settled) return;
        if (body.size + chunk.byteLength > limits.bodyBytes) return fail(bodyTooLarge(limits));
        try {
          lease.charge(chunk.byteLength);
        } catch (error) {
          return fail(error);
        }
        body.add(chunk);
      })
      .once('end', () => {
        if (settled) return;
        settle();
        resolve(body.whole());
      })
      .once('close', () => {
        if (!settled)
          fail(new GatewayError('invalid_request', 'The client left before its request body was complete.'));
      })
      .once('error', fail);
    watch(clock);
  });
}

/** The error for a body that comes too slowly, or undefined. */
function slowness(elapsedMs: number, size: number, limits: BodyLimits): GatewayError | undefined {
  if (elapsedMs >= limits.bodyMs) return tooSlow(`within ${limits.bodyMs / 1000} s`);
  if (elapsedMs >= RATE_CHECK_AFTER_MS && size < (limits.bodyMinBytesPerSec * elapsedMs) / 1000) {
    return tooSlow(`at ${limits.bodyMinBytesPerSec} bytes a second`);
  }
  return undefined;
}

/**
 * A body as it arrives. One of declared length is written into its place at once: joining chunks at the end would hold
 * it twice, and pages not yet written to cost nothing.
 */
class CollectedBody {
  size = 0;
  private readonly chunks: Buffer[] = [];
  private readonly place: Buffer<ArrayBuffer> | undefined;

  constructor(declared: number | undefined) {
    this.place = declared !== undefined && declared > ONE_READ_BYTES ? Buffer.allocUnsafeSlow(declared) : undefined;
  }

  add(chunk: Buffer): void {
    const { byteLength } = chunk;
    if (this.place === undefined) {
      this.chunks.push(chunk);
    } else {
      chunk.copy(this.place, this.size);
      freeChunk(chunk);
    }
    this.size += byteLength;
  }

  /** Frees the memory now: waiting for the garbage collector, refused bodies would pile up beside admitted ones. */
  discard(): void {
    this.chunks.length = 0;
    this.place?.buffer.transfer(0);
  }

  whole(): Buffer {
    if (this.place !== undefined) return this.place.subarray(0, this.size);
    const [first] = this.chunks;
    return this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks, this.size);
  }
}

/** The head was checked before: a length that is declared is within the limit. */
function declaredLength(request: IncomingMessage): number | undefined {
  const declared = request.headers['content-length'];
  return declared === undefined ? undefined : Number(declared);
}

/** The error for a body over the limit, declared or arrived. */
export function bodyTooLarge(limits: Pick<BodyLimits, 'bodyBytes'>): GatewayError {
  return new GatewayError('body_too_large', `The request body is longer than the limit of ${limits.bodyBytes} bytes.`);
}

function tooSlow(what: string): GatewayError {
  return new GatewayError('request_timeout', `The request body did not arrive ${what}.`);
}
