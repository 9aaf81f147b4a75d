import { HEADER } from '@isartor/shared';
import type { UpstreamCall } from '../upstream.port.ts';

/** The headers of a call, flat: the client's that may pass, and ours. */
export function requestHeaders(call: UpstreamCall, apiKey: string | undefined): string[] {
  const headers = call.headers.flatMap(([name, value]) => [name, value]);
  headers.push('content-type', 'application/json', 'accept-encoding', 'identity');
  headers.push('accept', call.stream ? 'text/event-stream' : 'application/json');
  headers.push(HEADER.requestId, call.requestId);
  if (apiKey !== undefined) headers.push('authorization', `Bearer ${apiKey}`);
  return headers;
}
