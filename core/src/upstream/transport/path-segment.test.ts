import { expect, test } from 'vitest';
import { pathSegment } from './path-segment.ts';

test('a name is one segment, whatever is in it', () => {
  expect(pathSegment('us.anthropic/claude:v1 0')).toBe('us.anthropic%2Fclaude%3Av1%200');
  expect(pathSegment('...')).toBe('...');
});

test.each(['.', '..'])('%s is the name of no model', (model) => {
  expect(() => pathSegment(model)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'model' }));
});
