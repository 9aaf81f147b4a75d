import type { Socket } from 'node:net';
import { errorBody, errorHeaders, GatewayError } from '@isartor/shared';

/**
 * Answers what never became a request: the HTTP parser gave up on it. There is no path yet, so the error has the
 * OpenAI form.
 */
export function refuseMalformed(fault: Error & { readonly code?: string }, socket: Socket): void {
  if (fault.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const error = errorOf(fault.code);
  const body = JSON.stringify(errorBody('openai', error));
  const headers = { ...errorHeaders(error), 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${error.status} ${REASONS[error.status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Node keeps the response under way here; what is said now would land in the middle of it. */
function isAnswering(socket: Socket): boolean {
  return '_httpMessage' in socket && socket._httpMessage !== null;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function errorOf(code: string | undefined): GatewayError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('headers_too_large', 'The request headers are over the limit.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('request_timeout', 'The request headers did not arrive in time.');
    default:
      return new GatewayError('invalid_request', 'This is not an HTTP request that can be read.');
  }
}
