import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorPage } from './error-reference.ts';

it('docs/errors.md is what the table says (npm run docs --workspace=core writes it)', () => {
  expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorPage());
});
