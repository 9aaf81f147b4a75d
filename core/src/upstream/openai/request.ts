import type { UpstreamCall } from '../upstream.port.ts';
import { callHeaders } from '../transport/call-headers.ts';

/** The headers of a call, flat: the client's that may pass, and ours. */
export function requestHeaders(call: UpstreamCall, apiKey: string | undefined): string[] {
  const headers = callHeaders(call);
  if (apiKey !== undefined) headers.push('authorization', `Bearer ${apiKey}`);
  return headers;
}
