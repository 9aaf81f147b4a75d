import { describe, expect, test } from 'vitest';
import { errorBody, errorEvent, errorHeaders } from './error-body.ts';
import { ERROR_CODES, type ErrorCode, type ErrorSpec } from './error-code.ts';
import { GatewayError } from './gateway-error.ts';

const codes = Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_CODES);

describe('the table of errors', () => {
  test.each(codes)('%s has an HTTP error status and one line that says what it is', (code) => {
    const spec: ErrorSpec = ERROR_CODES[code];
    expect(spec.status).toBeGreaterThanOrEqual(400);
    expect(spec.status).toBeLessThan(600);
    expect(spec.doc).toMatch(/^[A-Z].*\.$/);
    expect(spec.doc).not.toContain('\n');
  });

  test.each(codes)('%s: the caller is at fault for 4xx and for nothing else', (code) => {
    expect(ERROR_CODES[code].fault === 'caller').toBe(ERROR_CODES[code].status < 500);
  });

  test('statuses and flags are those of the design', () => {
    expect(
      Object.fromEntries(codes.map((code) => [code, [ERROR_CODES[code].status, ERROR_CODES[code].retryable]])),
    ).toEqual({
      invalid_json: [400, false],
      unsafe_json: [400, false],
      invalid_request: [400, false],
      invalid_header: [400, false],
      invalid_query: [400, false],
      invalid_api_key: [401, false],
      conflicting_credentials: [401, false],
      layer_not_allowed: [403, false],
      edge_only: [403, false],
      admin_only: [403, false],
      not_found: [404, false],
      tenant_not_found: [404, false],
      model_not_found: [404, false],
      entry_not_found: [404, false],
      api_not_served: [404, false],
      method_not_allowed: [405, false],
      request_timeout: [408, true],
      body_too_large: [413, false],
      unsupported_media_type: [415, false],
      rate_limited: [429, true],
      headers_too_large: [431, false],
      internal: [500, false],
      upstream_error: [502, true],
      upstream_unreachable: [502, true],
      upstream_refused_us: [502, false],
      stream_interrupted: [502, true],
      overloaded: [503, true],
      unconfirmed: [503, true],
      upstream_timeout: [504, true],
    });
  });
});

describe('errors in the dialect of the caller', () => {
  const error = new GatewayError('invalid_request', 'messages is missing.', { param: 'messages' });

  test('OpenAI: {error: {message, type, param, code}}', () => {
    expect(errorBody('openai', error)).toEqual({
      error: {
        message: 'messages is missing.',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'invalid_request',
      },
    });
    expect(errorBody('openai', new GatewayError('not_found', 'No.'))).toMatchObject({ error: { param: null } });
  });

  test.each<[ErrorCode, string]>([
    ['invalid_request', 'invalid_request_error'],
    ['invalid_api_key', 'authentication_error'],
    ['layer_not_allowed', 'permission_error'],
    ['api_not_served', 'not_found_error'],
    ['method_not_allowed', 'invalid_request_error'],
    ['body_too_large', 'request_too_large'],
    ['rate_limited', 'rate_limit_error'],
    ['internal', 'api_error'],
    ['upstream_error', 'api_error'],
    ['overloaded', 'overloaded_error'],
    ['upstream_timeout', 'timeout_error'],
  ])('Anthropic: {type, error: {type, message}}, %s is its %s', (code, type) => {
    const { message } = new GatewayError(code, 'Text.');
    const body = errorBody('anthropic', new GatewayError(code, message));
    expect(body).toEqual({
      type: 'error',
      error: { type, message: code === 'internal' ? expect.any(String) : 'Text.' },
    });
  });

  test('Anthropic: in a stream it is an event of its own name', () => {
    const event = errorEvent('anthropic', new GatewayError('stream_interrupted', 'The stream broke.'));
    expect(event.event).toBe('error');
    expect(JSON.parse(event.data)).toEqual({
      type: 'error',
      error: { type: 'api_error', message: 'The stream broke.' },
    });
  });

  test("OpenAI's responses: the body of OpenAI, and in a stream an event of its own name", () => {
    expect(errorBody('responses', error)).toEqual(errorBody('openai', error));
    const event = errorEvent('responses', new GatewayError('stream_interrupted', 'The stream broke.'));
    expect(event.event).toBe('error');
    expect(JSON.parse(event.data)).toEqual({
      type: 'error',
      error: { message: 'The stream broke.', type: 'upstream_error', param: null, code: 'stream_interrupted' },
    });
  });

  test.each<[ErrorCode, number, string]>([
    ['invalid_request', 400, 'INVALID_ARGUMENT'],
    ['invalid_api_key', 401, 'UNAUTHENTICATED'],
    ['layer_not_allowed', 403, 'PERMISSION_DENIED'],
    ['api_not_served', 404, 'NOT_FOUND'],
    ['rate_limited', 429, 'RESOURCE_EXHAUSTED'],
    ['upstream_error', 502, 'UNAVAILABLE'],
    ['overloaded', 503, 'UNAVAILABLE'],
    ['upstream_timeout', 504, 'DEADLINE_EXCEEDED'],
  ])('Gemini: {error: {code, message, status}}, %s is %i %s', (code, status, word) => {
    const body = { error: { code: status, message: 'Text.', status: word } };
    expect(errorBody('gemini', new GatewayError(code, 'Text.'))).toEqual(body);
    expect(errorEvent('gemini', new GatewayError(code, 'Text.'))).toEqual({ data: JSON.stringify(body) });
  });

  test('native: {error, message}', () => {
    expect(errorBody('native', error)).toEqual({ error: 'invalid_request', message: 'messages is missing.' });
  });

  test('in a stream it is the data of one event', () => {
    const event = errorEvent('openai', new GatewayError('stream_interrupted', 'The stream broke.'));
    expect(event.event).toBeUndefined();
    expect(JSON.parse(event.data)).toEqual({
      error: { message: 'The stream broke.', type: 'upstream_error', param: null, code: 'stream_interrupted' },
    });
  });

  test.each(codes)('%s: neither body nor event carries a stack or a cause', (code) => {
    const fault = new GatewayError(code, 'Text.', { cause: new Error('secret cause') });
    const bodies = [errorBody('openai', fault), errorBody('anthropic', fault)].map((body) => JSON.stringify(body));
    for (const text of [...bodies, errorEvent('native', fault).data]) {
      expect(text).not.toContain('secret cause');
      expect(text).not.toContain('gateway-error');
      expect(text).not.toContain('    at ');
    }
    expect(fault.cause).toBeInstanceOf(Error);
  });

  test('an internal fault keeps its own words for the log', () => {
    const fault = new GatewayError('internal', 'redis://user:secret@host failed');
    expect(JSON.stringify(errorBody('openai', fault))).not.toContain('secret');
    expect(fault.message).toContain('failed');
  });
});

describe('headers of an error', () => {
  test.each<[ErrorCode, string | undefined]>([
    ['invalid_api_key', undefined],
    ['rate_limited', undefined],
    ['upstream_error', 'upstream'],
    ['upstream_unreachable', 'upstream'],
    ['upstream_refused_us', 'upstream'],
    ['upstream_timeout', 'upstream'],
    ['stream_interrupted', 'upstream'],
    ['overloaded', 'overloaded'],
    ['internal', 'internal'],
  ])('%s tells the edge: %s', (code, blame) => {
    expect(errorHeaders(new GatewayError(code, 'Text.'))['x-isartor-error']).toBe(blame);
  });

  test('Retry-After is whole seconds, rounded up, and only where it is known', () => {
    expect(errorHeaders(new GatewayError('overloaded', 'Busy.', { retryAfterSecs: 0.2 }))['retry-after']).toBe('1');
    expect(errorHeaders(new GatewayError('overloaded', 'Busy.'))).not.toHaveProperty('retry-after');
  });

  test('Allow names the methods', () => {
    const error = new GatewayError('method_not_allowed', 'POST only.', { allow: ['GET', 'HEAD'] });
    expect(errorHeaders(error)).toEqual({ 'content-type': 'application/json', allow: 'GET, HEAD' });
  });

  test('the status may be the last one of a provider', () => {
    expect(new GatewayError('upstream_error', 'Text.', { status: 503 }).status).toBe(503);
    expect(new GatewayError('upstream_error', 'Text.').status).toBe(502);
  });
});
