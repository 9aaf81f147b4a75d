import { describe, expect, test } from 'vitest';
import { GatewayError } from '../error/gateway-error.ts';
import { parseJson } from './json-value.ts';
import { scanJson } from './scan-json.ts';
import { SCAN_RULES, type ScanRule } from './scan-rule.ts';

const utf8 = new TextEncoder();

/** A body from text; `<xx xx>` stands for raw bytes. */
function bytesOf(text: string): Uint8Array {
  const parts = text.split(/<((?:[0-9a-f]{2} ?)+)>/);
  return Uint8Array.from(
    parts.flatMap((part, i) =>
      i % 2 === 0
        ? [...utf8.encode(part)]
        : part
            .trim()
            .split(' ')
            .map((byte) => Number.parseInt(byte, 16)),
    ),
  );
}

/** `rule@offset` of the refusal, or undefined when the scan lets the body pass. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    scanJson(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error.code).toBe('unsafe_json');
    const [, rule, at] = /\(([a-z0-9-]+)\): .*, at byte (\d+)\.$/.exec(error.message) ?? [];
    return `${rule}@${at}`;
  }
}

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
const names = (count: number, extra: string) =>
  `{${Array.from({ length: count }, (_, i) => `"n${i}":0`).join(',')},${extra}}`;
const long = 'x'.repeat(40);

/** What is refused, where, and its nearest neighbour that passes. */
const TABLE: [ScanRule, string, string, string, number][] = [
  ['invalid-utf8', 'a stray continuation byte', '"<80>"', '"<c2 80>"', 1],
  ['invalid-utf8', 'an overlong form of two bytes', '"<c1 bf>"', '"<c2 bf>"', 1],
  ['invalid-utf8', 'an overlong form of three bytes', '"<e0 9f bf>"', '"<e0 a0 80>"', 1],
  ['invalid-utf8', 'an overlong form of four bytes', '"<f0 8f bf bf>"', '"<f0 90 80 80>"', 1],
  ['invalid-utf8', 'the first surrogate', '"<ed a0 80>"', '"<ed 9f bf>"', 1],
  ['invalid-utf8', 'the last surrogate', '"<ed bf bf>"', '"<ee 80 80>"', 1],
  ['invalid-utf8', 'a code point past U+10FFFF', '"<f4 90 80 80>"', '"<f4 8f bf bf>"', 1],
  ['invalid-utf8', 'a lead byte that no sequence has', '"<f5 80 80 80>"', '"<f4 80 80 80>"', 1],
  ['invalid-utf8', 'two bytes cut by the quote', '"<c3>"', '"<c3 a9>"', 1],
  ['invalid-utf8', 'three bytes cut after the second', '"<e2 82>"', '"<e2 82 ac>"', 1],
  ['invalid-utf8', 'three bytes with a wrong second', '"<e2 28 ac>"', '"<e2 82 ac>"', 1],
  ['invalid-utf8', 'four bytes cut after the third', '"<f0 9f 98>"', '"<f0 9f 98 80>"', 1],
  ['invalid-utf8', 'four bytes with a wrong third', '"<f0 9f 28 80>"', '"<f0 9f 98 80>"', 1],
  ['invalid-utf8', 'four bytes with a wrong second', '"<f0 28 98 80>"', '"<f0 9f 98 80>"', 1],
  ['invalid-utf8', 'a sequence cut by the end of the body', '"<f0 9f 98>', '"<f0 9f 98 80>', 1],
  ['invalid-utf8', 'a name that is not UTF-8', '{"a<ff>":1}', '{"a<c3 bf>":1}', 3],
  ['invalid-utf8', 'bytes outside a string', '[1,<80>]', '[1,<c2 80>]', 3],
  ['invalid-utf8', 'bytes after the end of the JSON', '[1] x<80>', '[1] x<c2 80>', 5],
  ['bom', 'a byte order mark', '<ef bb bf>{}', '{"a":"<ef bb bf>"}', 0],
  ['duplicate-name', 'the same name twice', '{"a":1,"a":2}', '{"a":1,"b":2}', 7],
  ['duplicate-name', 'the same name further apart', '{"a":1,"b":1,"a":2}', '{"a":1,"b":1,"A":2}', 13],
  ['duplicate-name', 'the same name once with an escape', '{"a":1,"\\u0061":2}', '{"a":1,"\\u0062":2}', 7],
  ['duplicate-name', 'the same name, first with an escape', '{"\\u0061":1,"a":2}', '{"\\u0061":1,"b":2}', 12],
  ['duplicate-name', 'the same name, two escapes of one slash', '{"\\/":1,"\\u002F":2}', '{"\\/":1,"\\u002E":2}', 8],
  ['duplicate-name', 'a short escape and a long one', '{"\\n":1,"\\u000a":2}', '{"\\n":1,"\\u000b":2}', 8],
  ['duplicate-name', 'an escaped letter of two bytes', '{"é":1,"\\u00e9":2}', '{"é":1,"\\u00e8":2}', 8],
  ['duplicate-name', 'an escaped letter of three bytes', '{"€":1,"\\u20ac":2}', '{"€":1,"\\u20ad":2}', 9],
  ['duplicate-name', 'an escaped pair', '{"😀":1,"\\ud83d\\ude00":2}', '{"😀":1,"\\ud83d\\ude01":2}', 10],
  ['duplicate-name', 'the empty name twice', '{"":1,"":2}', '{"":1,"\\u0000":2}', 6],
  ['duplicate-name', 'an inner object', '{"a":{"b":1,"b":2}}', '{"a":{"b":1,"a":2}}', 12],
  ['duplicate-name', 'an outer object after an inner one', '{"a":{"b":1},"a":2}', '{"a":{"a":1},"b":2}', 13],
  ['duplicate-name', 'an object in an array', '[{"a":1,"a":2}]', '[{"a":1},{"a":2}]', 8],
  ['duplicate-name', 'a first name after many', names(40, '"n0":1'), names(40, '"n":1'), 311],
  ['duplicate-name', 'a late name after many', names(40, '"n39":1'), names(40, '"n40":1'), 311],
  ['duplicate-name', 'a late name after many, escaped', names(40, '"\\u006e39":1'), names(40, '"\\u006e40":1'), 311],
  ['duplicate-name', 'a long name', `{"${long}1":1,"${long}1":2}`, `{"${long}1":1,"${long}2":2}`, 47],
  [
    'duplicate-name',
    'a long name, escaped',
    `{"${long}1":1,"${long}\\u0031":2}`,
    `{"${long}1":1,"${long}\\u0032":2}`,
    47,
  ],
  ['lone-surrogate', 'a high half alone', '"\\ud83d"', '"\\ud83d\\ude00"', 1],
  ['lone-surrogate', 'a low half alone', '"\\udc00"', '"\\ue000"', 1],
  ['lone-surrogate', 'a high half and a letter', '"\\udbffx"', '"\\ud7ffx"', 1],
  ['lone-surrogate', 'a high half and another escape', '"\\ud800\\n"', '"\\ud799\\n"', 1],
  ['lone-surrogate', 'two low halves', '"\\udc00\\udc00"', '"\\ud800\\udc00"', 1],
  ['lone-surrogate', 'a high half and the digits of a low one', '"\\ud800xudc00"', '"\\ud7ffxudc00"', 1],
  ['lone-surrogate', 'a high half and a low one without its u', '"\\ud800\\ndc00"', '"\\ud7ff\\ndc00"', 1],
  ['lone-surrogate', 'two high halves', '"\\ud800\\ud800"', '"\\ud800\\udc00"', 1],
  ['lone-surrogate', 'a high half and a letter above the low ones', '"\\ud800\\ue000"', '"\\ud800\\udfff"', 1],
  ['lone-surrogate', 'a name', '{"\\uD800":1}', '{"\\uD7FF":1}', 2],
  ['proto-name', 'the name __proto__', '{"__proto__":1}', '{"__prot__":1}', 1],
  ['proto-name', 'the name __proto__ with an escape', '{"__pr\\u006fto__":1}', '{"__pr\\u0070to__":1}', 1],
  ['proto-name', 'the name __proto__ deep down', '[{"a":{"__proto__":1}}]', '[{"a":{"a":"__proto__"}}]', 7],
  ['depth', 'arrays 65 deep', nested(65), nested(64), 64],
  [
    'depth',
    'objects 65 deep',
    nested(64, '{"a":', '}').replace('}', '{}}'),
    nested(63, '{"a":', '}').replace('}', '{}}'),
    320,
  ],
  ['containers', '20 001 arrays', `[${'[],'.repeat(19_999)}[]]`, `[${'[],'.repeat(19_998)}[]]`, 59_998],
  ['containers', '20 001 objects', `[${'{},'.repeat(19_999)}{}]`, `[${'{},'.repeat(19_998)}{}]`, 59_998],
  ['values', '500 001 values', `[${'1,'.repeat(499_999)}1]`, `[${'1,'.repeat(499_998)}1]`, 999_999],
];

describe('the scan', () => {
  test.each(TABLE)('refuses by %s: %s', (rule, _what, refused, accepted, at) => {
    expect(refusal(bytesOf(refused))).toBe(`${rule}@${at}`);
    expect(refusal(bytesOf(accepted))).toBeUndefined();
  });

  test('has a row for each of its rules', () => {
    expect(new Set(TABLE.map(([rule]) => rule))).toEqual(new Set(Object.keys(SCAN_RULES)));
  });

  test.each([
    ['', 0],
    ['  ', 2],
    ['{', 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['{"a":1]', 6],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['{"a":}', 5],
    ["{'a':1}", 1],
    ['{"a":1} {}', 8],
    ['"a', 2],
    ['"\u0009"', 1],
    ['"\u0000"', 1],
    ['"\\x"', 1],
    ['"\\u12g4"', 1],
    ['"\\', 1],
    ['tru', 3],
    ['trux', 3],
    ['nul', 3],
    ['falsy', 4],
    ['01', 1],
    ['-', 1],
    ['1.', 2],
    ['1.e1', 2],
    ['1e', 2],
    ['1e+', 3],
    ['+1', 0],
    ['.5', 0],
    ['NaN', 0],
    ['\u00a01', 0],
    ['\ufffe1', 0],
    [']', 0],
    ['\u000b1', 0],
  ])('leaves %j to be called invalid JSON, at byte %i', (text, at) => {
    expect(scanJson(utf8.encode(text)).syntaxErrorAt).toBe(at);
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test('counts values and containers', () => {
    const scan = scanJson(utf8.encode(' {"a":[1,"x",null,true,false,{}],"b":{"c":-1.5e3}} '));
    expect([scan.values, scan.containers, scan.syntaxErrorAt]).toEqual([10, 4, -1]);
  });

  test('finds the values of the top-level members and nothing deeper', () => {
    const text = ' { "model" : "gpt" ,"é\\n":[ {"model":1} , 2 ]\n,"o":{"x":{}}, "n": -1.5e3 ,"t":true}';
    const scan = scanJson(utf8.encode(text));
    expect(scan.objectStart).toBe(2);
    const found = [...scan.members].map(([name, { start, end }]) => [
      name,
      new TextDecoder().decode(utf8.encode(text).subarray(start, end)),
    ]);
    expect(found).toEqual([
      ['model', '"gpt"'],
      ['é\n', '[ {"model":1} , 2 ]'],
      ['o', '{"x":{}}'],
      ['n', '-1.5e3'],
      ['t', 'true'],
    ]);
  });

  test('knows no members where the text is not an object', () => {
    const scan = scanJson(utf8.encode('[{"a":1}]'));
    expect([scan.objectStart, scan.members.size]).toEqual([-1, 0]);
  });

  test('never quotes the body', () => {
    expect(() => scanJson(utf8.encode('{"secret":1,"secret":2}'))).toThrow(/^(?!.*secret)/);
  });
});
