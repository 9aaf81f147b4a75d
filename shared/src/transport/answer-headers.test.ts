import { describe, expect, test } from 'vitest';
import { answerHeadersFromUpstream } from './answer-headers.ts';

describe('headers from a provider', () => {
  test.each([
    ['content-type', 'content-type'],
    ['Content-Type', 'content-type'],
    ['retry-after', 'retry-after'],
    ['Retry-After', 'retry-after'],
    ['x-request-id', 'x-isartor-upstream-request-id'],
    ['request-id', 'x-isartor-upstream-request-id'],
    ['apim-request-id', 'x-isartor-upstream-request-id'],
    ['set-cookie', undefined],
    ['location', undefined],
    ['x-accel-redirect', undefined],
    ['x-accel-buffering', undefined],
    ['x-accel-expires', undefined],
    ['access-control-allow-origin', undefined],
    ['access-control-allow-credentials', undefined],
    ['x-isartor-layer', undefined],
    ['x-isartor-stored', undefined],
    ['x-isartor-error', undefined],
    ['x-isartor-upstream-request-id', undefined],
    ['content-length', undefined],
    ['content-encoding', undefined],
    ['transfer-encoding', undefined],
    ['connection', undefined],
    ['cache-control', undefined],
    ['age', undefined],
    ['etag', undefined],
    ['vary', undefined],
    ['server', undefined],
    ['server-timing', undefined],
    ['strict-transport-security', undefined],
    ['www-authenticate', undefined],
    ['alt-svc', undefined],
    ['openai-organization', undefined],
    ['openai-processing-ms', undefined],
    ['x-ratelimit-remaining-requests', undefined],
    ['retry-after-ms', undefined],
    ['refresh', undefined],
  ])('%s becomes %s', (name, becomes) => {
    expect(answerHeadersFromUpstream([[name, 'value']])).toEqual(becomes === undefined ? {} : { [becomes]: 'value' });
  });

  test('of several request ids the most common kind is told', () => {
    const sent: [string, string][] = [
      ['apim-request-id', 'azure'],
      ['x-request-id', 'openai'],
      ['request-id', 'anthropic'],
    ];
    expect(answerHeadersFromUpstream(sent)).toEqual({ 'x-isartor-upstream-request-id': 'openai' });
  });
});
