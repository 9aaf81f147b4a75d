import { callHeaders } from '../transport/call-headers.ts';
import type { UpstreamCall } from '../upstream.port.ts';

const VERSION_HEADER = 'anthropic-version';
/** What is asked for where the client does not say: the one version of the API there has been since. */
const DEFAULT_VERSION = '2023-06-01';

/** The headers of a call, flat: the client's that may pass, and ours. */
export function requestHeaders(call: UpstreamCall, apiKey: string | undefined): string[] {
  return [...callHeaders(call), ...credentialHeaders(apiKey, call.headers)];
}

/** Our key, and the version of the API where the client's headers name none. */
export function credentialHeaders(apiKey: string | undefined, sent: readonly (readonly [string, string])[]): string[] {
  const headers = sent.some(([name]) => name === VERSION_HEADER) ? [] : [VERSION_HEADER, DEFAULT_VERSION];
  if (apiKey !== undefined) headers.push('x-api-key', apiKey);
  return headers;
}
