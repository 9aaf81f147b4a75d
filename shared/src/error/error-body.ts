import type { JsonObject } from '../json/json-value.ts';
import { HEADER } from '../layer/headers.ts';
import type { Dialect } from '../operation.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import type { GatewayError } from './gateway-error.ts';

/** An error in the caller's dialect. */
export function errorBody(dialect: Dialect, error: GatewayError): JsonObject {
  const message = publicMessage(error);
  switch (dialect) {
    case 'openai':
    case 'responses':
      return { error: { message, type: error.type, param: error.param ?? null, code: error.code } };
    case 'anthropic':
      return { type: 'error', error: { type: anthropicType(error.status), message } };
    case 'gemini':
      return { error: { code: error.status, message, status: geminiStatus(error.status) } };
    case 'native':
      return { error: error.code, message };
    default:
      return dialect satisfies never;
  }
}

/** The same as the last event of a stream that has already begun. */
export function errorEvent(dialect: Dialect, error: GatewayError): SseEvent {
  const body = errorBody(dialect, error);
  switch (dialect) {
    case 'anthropic':
      return { event: 'error', data: JSON.stringify(body) };
    case 'responses':
      return { event: 'error', data: JSON.stringify({ type: 'error', ...body }) };
    default:
      return { data: JSON.stringify(body) };
  }
}

/** Google's own word for an error, by its status: https://cloud.google.com/apis/design/errors */
const GEMINI_STATUSES: ReadonlyMap<number, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [504, 'DEADLINE_EXCEEDED'],
]);

function geminiStatus(status: number): string {
  return GEMINI_STATUSES.get(status) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE');
}

/** Anthropic's own word for an error, by its status: https://docs.claude.com/en/api/errors */
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
]);

function anthropicType(status: number): string {
  return ANTHROPIC_TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/** Headers of an error answer, lower-case names. */
export function errorHeaders(error: GatewayError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (error.retryAfterSecs !== undefined) headers['retry-after'] = String(Math.max(0, Math.ceil(error.retryAfterSecs)));
  if (error.allow !== undefined) headers['allow'] = error.allow.join(', ');
  const blame = blameOf(error);
  if (blame !== undefined) headers[HEADER.error] = blame;
  return headers;
}

/** The value of `x-isartor-error`: `overloaded` asks the edge to try the next core, the others tell it not to. */
function blameOf(error: GatewayError): 'upstream' | 'overloaded' | 'internal' | undefined {
  switch (error.fault) {
    case 'caller':
      return undefined;
    case 'upstream':
      return 'upstream';
    case 'us':
      return error.code === 'overloaded' ? 'overloaded' : 'internal';
    default:
      return error.fault satisfies never;
  }
}

/** What an unforeseen fault says of itself is for the log: it may hold anything. */
function publicMessage(error: GatewayError): string {
  return error.code === 'internal'
    ? 'The gateway failed on this request. Please quote the request id (x-request-id) to its operator.'
    : error.message;
}
