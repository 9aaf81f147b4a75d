import type { IncomingMessage } from 'node:http';
import { GatewayError } from '@isartor/shared';
import type { InflightLease } from './inflight-budget.ts';

/** From this age on a body must have arrived at the least rate. */
const RATE_CHECK_AFTER_MS = 5_000;
const RATE_CHECK_EVERY_MS = 1_000;

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
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    let size = 0;
    let timer = setTimeout(checkRate, Math.min(RATE_CHECK_AFTER_MS, limits.bodyMs));

    function checkRate(): void {
      const elapsedMs = performance.now() - startedAt;
      if (elapsedMs >= limits.bodyMs) return fail(tooSlow(`within ${limits.bodyMs / 1000} s`));
      if (elapsedMs >= RATE_CHECK_AFTER_MS && size < (limits.bodyMinBytesPerSec * elapsedMs) / 1000) {
        return fail(tooSlow(`at ${limits.bodyMinBytesPerSec} bytes a second`));
      }
      timer = setTimeout(checkRate, Math.min(RATE_CHECK_EVERY_MS, limits.bodyMs - elapsedMs));
    }

    function onData(chunk: Buffer): void {
      size += chunk.byteLength;
      if (size > limits.bodyBytes) return fail(bodyTooLarge(limits));
      try {
        lease.charge(chunk.byteLength);
      } catch (error) {
        return fail(error);
      }
      chunks.push(chunk);
    }

    function onEnd(): void {
      stop();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
    }

    function onClose(): void {
      fail(new GatewayError('invalid_request', 'The client left before its request body was complete.'));
    }

    function fail(error: unknown): void {
      stop();
      request.pause();
      reject(error);
    }

    function stop(): void {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', fail);
    }

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', fail);
  });
}

/** The error for a body over the limit, declared or arrived. */
export function bodyTooLarge(limits: BodyLimits): GatewayError {
  return new GatewayError('body_too_large', `The request body is longer than the limit of ${limits.bodyBytes} bytes.`);
}

function tooSlow(what: string): GatewayError {
  return new GatewayError('request_timeout', `The request body did not arrive ${what}.`);
}
