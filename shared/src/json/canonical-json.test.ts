import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { parseJson } from './json-value.ts';

const numRuns = inject('propertyRuns');

/** A double from its 64 bits, as RFC 8785 gives its samples. */
function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

describe('canonical JSON', () => {
  test('gives the example of RFC 8785, section 3.2.2', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(parseJson(text))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('sorts names as RFC 8785, section 3.2.3, does: by UTF-16 code unit, not by code point', () => {
    const text = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
      "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`;
    expect(Array.from(canonicalJson(parseJson(text)).matchAll(/:"([^"]+)"/g), ([, value]) => value)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s of RFC 8785, appendix B, as %s', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  test.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('refuses the double %s', (bits) => {
    expect(() => canonicalJson(double(bits))).toThrow(TypeError);
  });

  test('sorts many names as it sorts few', () => {
    const names = Array.from({ length: 40 }, (_, i) => `${(i * 7) % 40}`);
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    expect(text).toBe(
      `{${names
        .toSorted()
        .map((name) => `"${name}":0`)
        .join(',')}}`,
    );
  });

  test('keeps null and leaves out undefined', () => {
    const body: Record<string, null> = { a: null, b: null };
    Object.assign(body, { c: undefined });
    expect(canonicalJson(body)).toBe('{"a":null,"b":null}');
  });

  test('keeps a lone surrogate apart from all others, as an escape', () => {
    expect(canonicalJson('\ud800')).toBe('"\\ud800"');
  });

  test('does not normalise Unicode', () => {
    expect(canonicalJson('\u00e9')).not.toBe(canonicalJson('e\u0301'));
  });

  test('means the same as its value, for every value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        expect(JSON.parse(canonicalJson(parseJson(JSON.stringify(value))))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns },
    );
  });

  test('is its own canonical form', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = canonicalJson(parseJson(json));
        expect(canonicalJson(parseJson(text))).toBe(text);
      }),
      { numRuns },
    );
  });

  /** Every UTF-16 unit, lone surrogates too. (fast-check's own `binary` unit takes seconds to set up in workerd.) */
  const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

  test('writes a string of any length and content as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyUnit, maxLength: 100 }), (text) => {
        expect(canonicalJson(text)).toBe(JSON.stringify(text));
      }),
      { numRuns },
    );
  });
});
