import { describe, expect, test } from 'vitest';
import { scanJson } from './scan-json.ts';

const exact = (literal: string) => {
  const scan = scanJson(new TextEncoder().encode(`{"temperature":${literal}}`));
  expect(scan.syntaxErrorAt).toBe(-1);
  return scan.exactNumbers;
};

describe('a number is exact', () => {
  test.each<[string, string, string]>([
    ['by its digits', '123456789012345', '1234567890123456'],
    ['by its digits, zeros at the end among them', '100000000000000', '1000000000000000'],
    ['by its digits after the point', '0.123456789012345', '0.1234567890123456'],
    ['by its digits on both sides of the point', '1234567.89012345', '1234567.890123456'],
    ['by its digits, zeros after the point among them', '1.00000000000000', '1.000000000000000'],
    ['by its digits before an exponent', '-1.23456789012345E+2', '-1.234567890123456E+2'],
    ['by its size, written short', '1e308', '1e309'],
    ['by its size, next to the largest double', '1.79769313486231e308', '1.79769313486232e308'],
    ['by its size, written long', `1e${'0'.repeat(40)}99`, `1e${'0'.repeat(40)}999`],
    ['by its size, negative', '-1e308', '-1e400'],
    ['by how small it is', '1e-307', '1e-308'],
    ['by how small it is, negative', '-1e-307', '-1e-400'],
    ['by how small it is, written out', `0.${'0'.repeat(300)}1`, `0.${'0'.repeat(400)}1`],
    [
      'by how small it is, written out, with a short exponent',
      `0.${'0'.repeat(200)}1e-99`,
      `0.${'0'.repeat(290)}1e-99`,
    ],
  ])('%s', (_, yes, no) => {
    expect([exact(yes), exact(no)]).toEqual([true, false]);
  });

  test.each([
    '0',
    '-0',
    '0.0',
    '0e999',
    `0.${'0'.repeat(400)}`,
    '1.0',
    '1e21',
    '9e99',
    '000'.slice(2),
    '0.00000000000000000001',
  ])('when it is %s', (literal) => {
    expect(exact(literal)).toBe(true);
  });

  test('wherever it stands: one that is not exact is enough', () => {
    const scan = scanJson(new TextEncoder().encode('{"a":[{"b":1e400}],"c":1,"d":"1e400"}'));
    expect(scan.exactNumbers).toBe(false);
  });
});
