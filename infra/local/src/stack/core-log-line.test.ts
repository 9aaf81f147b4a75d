import { expect, it } from 'vitest';
import { formatCoreLine } from './core-log-line.ts';

it.each([
  ['{"level":30,"msg":"the core is listening"}', undefined],
  ['{"level":40,"msg":"Redis is away"}', 'core warning: Redis is away'],
  ['{"level":50,"msg":"failed","err":{"message":"ECONNREFUSED","stack":"…"}}', 'core error: failed (ECONNREFUSED)'],
  ['{"level":60,"err":{"message":"boom"}}', 'core fatal:  (boom)'],
  ['', undefined],
  ['SyntaxError: unexpected', 'core: SyntaxError: unexpected'],
  ['{ not json', 'core: { not json'],
])('shows of the core’s %s: %s', (line, shown) => {
  expect(formatCoreLine(line)).toBe(shown);
});
