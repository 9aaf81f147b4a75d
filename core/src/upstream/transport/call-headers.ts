import { HEADER } from '@isartor/shared';
import type { UpstreamCall } from '../upstream.port.ts';

/** The headers that every call carries, flat: the client's that may pass, and ours but for the credentials. */
export function callHeaders(call: UpstreamCall): string[] {
  const headers = call.headers.flatMap(([name, value]) => [name, value]);
  headers.push('content-type', 'application/json', 'accept-encoding', 'identity');
  headers.push('accept', call.stream ? 'text/event-stream' : 'application/json');
  headers.push(HEADER.requestId, call.requestId);
  return headers;
}
