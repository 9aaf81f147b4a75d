import { expect, test } from 'vitest';
import { showValue } from './show-value.ts';

test.each([
  ['plain', false, '"plain"'],
  ['two\nlines', false, '"two\\nlines"'],
  [7, false, '7'],
  [true, false, 'true'],
  ['x'.repeat(100), false, `"${'x'.repeat(80)}…"`],
  ['plain', true, '(a text of 5 characters)'],
  [123_456, true, '(a number)'],
  [true, true, '(a boolean)'],
  [{ password: 'x' }, false, '(a group)'],
  [['a', 'b'], false, '"a", "b"'],
  ['https://user:pass@llm/v1', false, '"https://…@llm/v1"'],
  ['https://user:p/a@s@llm/v1', false, '"https://…@llm/v1"'],
  ['user:pass@llm', false, '"…@llm"'],
  ['https://llm/v1?key=secret', false, '"https://llm/v1?…"'],
  ['sk-proj-123', false, '(a text of 11 characters)'],
  ['Bearer abc', false, '(a text of 10 characters)'],
])('%o, secret %s, is shown as %s', (value, secret, shown) => {
  expect(showValue(value, secret)).toBe(shown);
});
