import { expect, test } from 'vitest';
import { originForm } from './origin-form.ts';

test.each([
  ['/v1/models?a=http://b/c', '/v1/models?a=http://b/c'],
  ['//v1/models', '//v1/models'],
  ['http://a.example:8080/v1/models?b=c', '/v1/models?b=c'],
  ['HTTPS://[::1]/v1/models', '/v1/models'],
  ['http://a', '/'],
  ['http://a?b=/c', '/?b=/c'],
  ['*', '*'],
  ['ftp://a/b', 'ftp://a/b'],
  ['', ''],
])('%s is %s', (url, target) => {
  expect(originForm({ url })).toBe(target);
});
