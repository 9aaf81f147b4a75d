import { describe, expect, it } from 'vitest';
import { schemaValue } from './schema-value.ts';
import { seeded } from './seeded.ts';

const value = (schema: unknown, seed = 'seed'): unknown => schemaValue(schema, seeded(seed));

describe('a value for a schema', () => {
  it.each([
    ['const', { const: 7 }, 7],
    ['one enum member', { enum: ['only'] }, 'only'],
    ['a format', { type: 'string', format: 'date' }, '2026-01-15'],
    ['null', { type: 'null' }, null],
    ['the type beside null', { type: ['null', 'object'], properties: {} }, {}],
    ['the branch beside null', { anyOf: [{ type: 'null' }, { const: 'x' }] }, 'x'],
    [
      'allOf together',
      { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
      { a: 1, b: 2 },
    ],
    ['bounds that meet', { type: 'number', minimum: 2, maximum: 2 }, 2],
    ['a reference', { $defs: { x: { const: 'y' } }, $ref: '#/$defs/x' }, 'y'],
  ])('is %s', (_name, schema, expected) => {
    expect(value(schema)).toEqual(expected);
  });

  it('keeps bounds, for many seeds', () => {
    for (let seed = 0; seed < 50; seed++) {
      const integer = value({ type: 'integer', minimum: 3, maximum: 5 }, String(seed));
      expect([3, 4, 5]).toContain(integer);
      const stepped = value({ type: 'integer', multipleOf: 5, exclusiveMinimum: 10 }, String(seed));
      expect(Number(stepped) % 5).toBe(0);
      expect(stepped).toBeGreaterThan(10);
      const text = value({ type: 'string', minLength: 12, maxLength: 14 }, String(seed));
      expect(String(text).length).toBeGreaterThanOrEqual(12);
      expect(String(text).length).toBeLessThanOrEqual(14);
      expect(value({ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, String(seed))).toBeLessThan(1);
      expect(value({ type: 'integer', exclusiveMaximum: 0 }, String(seed))).toBeLessThan(0);
    }
  });

  it('ends on a schema that contains itself', () => {
    const node = {
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] }, all: { type: 'array', items: { $ref: '#' } } },
    };
    expect(() => JSON.stringify(value(node))).not.toThrow();
    const endless = { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] };
    expect(() => JSON.stringify(value(endless))).not.toThrow();
  });
});
