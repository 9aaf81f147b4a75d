import { describe, expect, test } from 'vitest';
import { errorInBody, errorInEvents } from './error-inside.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const UNSAID = 'The provider answered 200 with an error inside, without saying which.';

test.each([
  ['{"error":{"message":"overloaded","code":503}}', 'overloaded'],
  ['{"error":"overloaded"}', 'overloaded'],
  ['{"error":{"code":503}}', UNSAID],
  ['{"error":{"message":""}}', UNSAID],
  ['{"error":true}', UNSAID],
  [`{"error":"${'x'.repeat(5_000)}"}`, 'x'.repeat(1_000)],
  ['{"type":"error","code":"server_error","message":"overloaded"}', 'overloaded'],
  ['{"type":"message","note":"error"}', undefined],
  ['{"error":null,"choices":[]}', undefined],
  ['{"choices":[{"error":"inside"}]}', undefined],
  ['{"choices":[{"message":{"content":"\\"error\\""}}]}', undefined],
  ['["error"]', undefined],
  ['"error"', undefined],
  ['{"error"', undefined],
  ['', undefined],
])('the body %s says %s', (body, message) => {
  expect(errorInBody(bytes(body))).toBe(message);
});

describe('of the events of a stream', () => {
  const frame = (text: string, whole = true) => ({ bytes: bytes(text), whole });

  test('the first that is an error counts', () => {
    const events = ['data: {"choices":[]}\n\n', ': "error"\n\n', 'data: {"error":{"message":"full"}}\n\n'];
    expect(errorInEvents(events.map((event) => frame(event)))).toBe('full');
  });

  test('none is where none says so', () => {
    expect(errorInEvents([frame('data: {"choices":[{"error":1}]}\n\n'), frame('data: [DONE]\n\n')])).toBeUndefined();
    expect(errorInEvents([frame('data: {"error":1}', false)])).toBeUndefined();
    expect(errorInEvents([])).toBeUndefined();
  });
});
