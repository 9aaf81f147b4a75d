import { HEADER } from '@isartor/shared';
import { headersToCore, type EdgeWord } from './core-headers.ts';
import type { CallerBody } from './read-body.ts';

/** What one core made of a request. */
export type CoreReply =
  /** An answer for the client, whatever its status. */
  | { readonly kind: 'answer'; readonly response: Response }
  /** The core has no room; another may have. Its own answer is kept in case none has. */
  | { readonly kind: 'overloaded'; readonly response: Response }
  /** No core spoke: no connection, or only something in front of the core answered. */
  | { readonly kind: 'unreachable' }
  /** Something in front of the core sent the request elsewhere: the configured URL is wrong. */
  | { readonly kind: 'redirected' };

/** What of the client's request goes to a core. */
export interface CoreCall extends EdgeWord {
  readonly method: string;
  /** Path and query, as the client sent them. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: CallerBody | undefined;
  /** Aborted when nobody waits for the answer any more: the client has gone, or the cache has answered it. */
  readonly left: AbortSignal;
  /** Aborted then, and when the time for the first byte is over. */
  readonly signal: AbortSignal;
}

/** An ingress without a core behind it, and Cloudflare's own words for an origin that cannot be connected to. */
const NOBODY_THERE = new Set([502, 503, 504, 521, 522, 523, 525, 526, 530]);

/**
 * Asks one core.
 *
 * @throws only when `call.signal` aborts.
 */
export async function callCore(coreUrl: string, call: CoreCall): Promise<CoreReply> {
  let response: Response;
  try {
    response = await fetch(`${coreUrl}${call.target}`, {
      method: call.method,
      headers: headersToCore(call.headers, call),
      redirect: 'manual',
      signal: call.signal,
      ...(call.body === undefined ? {} : { body: call.body.kind === 'whole' ? call.body.bytes : call.body.stream }),
    });
  } catch (error) {
    if (call.signal.aborted) throw error;
    return { kind: 'unreachable' };
  }
  const fault = response.headers.get(HEADER.error);
  if (fault === 'overloaded') return { kind: 'overloaded', response };
  if (fault === null && NOBODY_THERE.has(response.status)) {
    await discard(response);
    return { kind: 'unreachable' };
  }
  if (response.status >= 300 && response.status < 400) {
    await discard(response);
    return { kind: 'redirected' };
  }
  return { kind: 'answer', response };
}

/** Lets go of an answer that nobody will read; a connection that breaks meanwhile is no loss. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
