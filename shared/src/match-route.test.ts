import { describe, expect, test } from 'vitest';
import { dialectOfPath, matchRoute } from './match-route.ts';
import { OPERATION_SPECS, OPERATIONS } from './operation.ts';

describe('routes', () => {
  test.each([
    ['POST', '/v1/chat/completions', { kind: 'operation', operation: 'openai.chat' }],
    ['POST', '/v1/completions', { kind: 'operation', operation: 'openai.completions' }],
    ['POST', '/v1/embeddings', { kind: 'operation', operation: 'openai.embeddings' }],
    [
      'POST',
      '/v1beta/models/gemini-2.5-flash:generateContent',
      {
        kind: 'operation',
        operation: 'gemini.generate',
        target: { version: 'v1beta', model: 'gemini-2.5-flash', method: 'generateContent' },
      },
    ],
    [
      'POST',
      '/v1beta/tunedModels/a%3Ab:streamGenerateContent',
      {
        kind: 'operation',
        operation: 'gemini.generate',
        target: { version: 'v1beta', model: 'tunedModels/a:b', method: 'streamGenerateContent' },
      },
    ],
    [
      'POST',
      '/v1/models/m:generateContent',
      {
        kind: 'operation',
        operation: 'gemini.generate',
        target: { version: 'v1', model: 'm', method: 'generateContent' },
      },
    ],
    ['GET', '/v1beta/models/m:generateContent', { kind: 'wrong-method', allow: ['POST'] }],
    ['POST', '/v1beta/models/m:countTokens', { kind: 'unknown' }],
    ['POST', '/v1beta/models/..:generateContent', { kind: 'unknown' }],
    ['POST', '/v1beta/models/%2e%2e:generateContent', { kind: 'unknown' }],
    ['POST', '/v1beta/models/a%2Fb:generateContent', { kind: 'unknown' }],
    ['POST', '/v1beta/models/a%252Fb:generateContent', { kind: 'unknown' }],
    ['POST', '/v1beta/models/%E0%A4%A:generateContent', { kind: 'unknown' }],
    ['POST', '/v1beta/models/:generateContent', { kind: 'unknown' }],
    ['POST', '/v1beta/other/m:generateContent', { kind: 'unknown' }],
    ['GET', '/api/v1/usage', { kind: 'usage' }],
    ['POST', '/api/v1/usage/hits', { kind: 'hits' }],
    ['GET', '/api/v1/usage/hits', { kind: 'wrong-method', allow: ['POST'] }],
    ['POST', '/api/v1/usage', { kind: 'wrong-method', allow: ['GET', 'HEAD'] }],
    ['POST', '/v1/messages', { kind: 'operation', operation: 'anthropic.messages' }],
    ['POST', '/v1/messages/count_tokens', { kind: 'operation', operation: 'anthropic.count_tokens' }],
    ['GET', '/v1/messages', { kind: 'wrong-method', allow: ['POST'] }],
    ['POST', '/v1/messages/batches', { kind: 'unknown' }],
    ['POST', '/api/chat', { kind: 'operation', operation: 'native.chat' }],
    ['POST', '/api/v1/chat', { kind: 'operation', operation: 'native.chat' }],
    ['POST', '/api/v1/feedback', { kind: 'feedback' }],
    ['GET', '/api/v1/feedback', { kind: 'wrong-method', allow: ['POST'] }],
    ['POST', '/api/v1/feedback/', { kind: 'unknown' }],
    ['POST', '/api/v1/explain', { kind: 'explain' }],
    ['HEAD', '/api/v1/explain', { kind: 'wrong-method', allow: ['POST'] }],
    ['GET', '/v1/models', { kind: 'models' }],
    ['HEAD', '/v1/models', { kind: 'models' }],
    ['GET', '/v1/models/gpt-4o', { kind: 'model', id: 'gpt-4o' }],
    ['GET', '/v1/models/meta/llama-3%2F8b', { kind: 'model', id: 'meta/llama-3/8b' }],
    ['GET', '/v1/models/a%252Fb', { kind: 'model', id: 'a%2Fb' }],
    ['GET', '/healthz', { kind: 'health' }],
    ['HEAD', '/healthz', { kind: 'health' }],
    ['GET', '/readyz', { kind: 'ready' }],
    ['GET', '/v1/chat/completions', { kind: 'wrong-method', allow: ['POST'] }],
    ['OPTIONS', '/v1/chat/completions', { kind: 'wrong-method', allow: ['POST'] }],
    ['post', '/v1/chat/completions', { kind: 'wrong-method', allow: ['POST'] }],
    ['DELETE', '/v1/models/gpt-4o', { kind: 'wrong-method', allow: ['GET', 'HEAD'] }],
    ['POST', '/healthz', { kind: 'wrong-method', allow: ['GET', 'HEAD'] }],
    ['POST', '/v1/chat/completions/', { kind: 'unknown' }],
    ['POST', '/V1/chat/completions', { kind: 'unknown' }],
    ['POST', '/v1/responses', { kind: 'operation', operation: 'openai.responses' }],
    ['GET', '/v1/responses/resp_1', { kind: 'unknown' }],
    ['GET', '/v1/models/', { kind: 'unknown' }],
    ['GET', '/v1/models/%E0%A4%A', { kind: 'unknown' }],
    ['GET', '/', { kind: 'unknown' }],
  ] as const)('%s %s', (method, path, match) => {
    expect(matchRoute(method, path)).toEqual(match);
  });

  test('every route of the table of operations leads to its operation', () => {
    for (const operation of OPERATIONS) {
      expect(OPERATION_SPECS[operation].name).toBe(operation);
      for (const route of OPERATION_SPECS[operation].routes) {
        expect(matchRoute('POST', route)).toEqual({ kind: 'operation', operation });
        expect(dialectOfPath(route)).toBe(OPERATION_SPECS[operation].dialect);
      }
    }
  });

  test.each([
    ['/api/chat', 'native'],
    ['/api/nothing', 'native'],
    ['/api', 'native'],
    ['/apis', 'openai'],
    ['/v1/messages', 'anthropic'],
    ['/v1/messages/batches', 'anthropic'],
    ['/v1/messagesx', 'openai'],
    ['/v1beta/models/m:generateContent', 'gemini'],
    ['/v1beta', 'gemini'],
    ['/v1/models/m:streamGenerateContent', 'gemini'],
    ['/v1/models/m', 'openai'],
    ['/v1/responses', 'responses'],
    ['/v1/nothing', 'openai'],
    ['/', 'openai'],
  ])('errors under %s speak %s', (path, dialect) => {
    expect(dialectOfPath(path)).toBe(dialect);
  });
});
