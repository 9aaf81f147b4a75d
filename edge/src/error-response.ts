import { GatewayError, HEADER, answersInList, dialectOfPath, errorBody, errorHeaders } from '@isartor/shared';
import type { EdgeRequest, EdgeRuntime } from './edge-context.ts';

/** Nobody is left to read the answer; the log says so (nginx's code for it). */
const CLIENT_GONE = 499;

/** Turns whatever a layer threw into an answer in the caller's dialect; the only place that does. */
export function errorResponse(runtime: EdgeRuntime): (error: Error, c: EdgeRequest) => Response {
  return (thrown, c) => {
    if (c.req.raw.signal.aborted) return new Response(null, { status: CLIENT_GONE });
    const error = thrown instanceof GatewayError ? thrown : unforeseen(thrown, c, runtime);
    const headers = new Headers(errorHeaders(error));
    headers.set(HEADER.deflected, 'false');
    if (error.status === 401 || error.status === 403 || error.status === 429) headers.set(HEADER.layer, 'l0');
    const { pathname, searchParams } = c.get('url');
    const body = errorBody(dialectOfPath(pathname), error);
    const whole = answersInList(pathname, searchParams) ? [body] : body;
    return new Response(JSON.stringify(whole), { status: error.status, headers });
  };
}

/** The log gets the place and not the message, which may quote a prompt. */
function unforeseen(thrown: Error, c: EdgeRequest, runtime: EdgeRuntime): GatewayError {
  const at = (thrown.stack ?? '').split('\n').filter((line) => /^\s*at /.test(line));
  runtime.log(
    JSON.stringify({
      v: 1,
      kind: 'isartor.error',
      requestId: c.get('requestId'),
      name: thrown.name,
      at: at.slice(0, 8),
    }),
  );
  return new GatewayError('internal', 'The edge failed.');
}
