import { GatewayError, type JsonObject, type Operation } from '@isartor/shared';
import type { UpstreamCall, UpstreamReply } from '../../src/upstream/upstream.port.ts';

/** A call as a provider's client gets it. A text is the body as it stands. */
export function upstreamCall(
  operation: Operation,
  body: JsonObject | string,
  overrides: Partial<UpstreamCall> = {},
): UpstreamCall {
  return {
    operation,
    model: 'm',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    query: '',
    headers: [],
    stream: false,
    requestId: 'r',
    signal: AbortSignal.timeout(5_000),
    ...overrides,
  };
}

export async function replyText({ body }: UpstreamReply): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** Code and message of the GatewayError that a promise fails with; else whatever it came to. */
export async function faultOf(promise: Promise<unknown>): Promise<unknown[]> {
  const outcome: unknown = await promise.catch((reason: unknown) => reason);
  return outcome instanceof GatewayError ? [outcome.code, outcome.message, outcome.cause] : [outcome];
}
