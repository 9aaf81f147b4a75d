import { callHeaders } from '../transport/call-headers.ts';
import type { UpstreamCall } from '../upstream.port.ts';

/** The headers of a call, flat: the client's that may pass, and ours. */
export function requestHeaders(call: UpstreamCall, apiKey: string | undefined): string[] {
  return [...callHeaders(call), ...credentialHeaders(apiKey)];
}

/** Our key: in a header, for a query ends up in logs. */
export function credentialHeaders(apiKey: string | undefined): string[] {
  return apiKey === undefined ? [] : ['x-goog-api-key', apiKey];
}
