import { expect, test } from 'vitest';
import { apiKeyRecordKey, entryKey, policyKey, tenantRecordKey } from './key-names.ts';

test('keys carry the namespace and a version, and an entry its digest in braces', () => {
  expect(entryKey('isartor', 'd1')).toBe('isartor:v1:x:{d1}');
  expect(policyKey('standin')).toBe('standin:v1:policy');
  expect(tenantRecordKey('isartor', 'acme')).toBe('isartor:v1:tenant:acme');
  expect(apiKeyRecordKey('isartor', 'a1')).toBe('isartor:v1:key:a1');
});
