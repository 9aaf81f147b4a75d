import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { GatewayError } from '../error/gateway-error.ts';
import type { JsonObject } from './json-value.ts';
import { scanJson } from './scan-json.ts';
import { JSON_LIMITS, type ScanRule } from './scan-rule.ts';

const utf8 = new TextEncoder();

/** The rule of the refusal, or undefined when the scan lets the body pass. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    scanJson(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return /\(([a-z0-9-]+)\)/.exec(error.message)?.[1];
  }
}

describe('the scan agrees with a naive reference', () => {
  const numRuns = inject('propertyRuns') * 5;
  const pieces =
    '{ } [ ] : , "a" "a": "\\u0061": "b": "é": "\\u00e9": "__proto__": "\\ud83d\\ude00" "\\ud83d" "x " \\ true null nul ' +
    '1 -0 1.5e3 1e400 1e-400 0.1234567890123456 123456789012345 01 \u007f \u0000 \ufeff';
  const piece = fc.constantFrom(' ', '\n', ...pieces.split(' '));
  const whole = fc
    .tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'))
    .map(([value, space]) => JSON.stringify(value, undefined, space));
  const soup = fc.oneof(
    fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 4 }).map((pieces) => `{"a":[${pieces.join('')}]}`),
    fc
      .array(fc.tuple(piece, fc.constantFrom('1', '"x"', '{}')))
      .map((members) => `{${members.map((m) => m.join('')).join()}}`),
  );
  const damaged = fc
    .tuple(fc.oneof(whole, soup), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }))
    .map(([text, edits]) => {
      const bytes = utf8.encode(text);
      for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    });

  function parsed(bytes: Uint8Array): { text: string; value: unknown } | 'not UTF-8' | 'not JSON' {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return 'not UTF-8';
    }
    try {
      return { text, value: JSON.parse(text) };
    } catch {
      return 'not JSON';
    }
  }

  test('on what it refuses, counts and finds', () => {
    fc.assert(
      fc.property(damaged, (bytes) => {
        const refused = refusal(bytes);
        const meaning = parsed(bytes);
        if (meaning === 'not UTF-8') expect(refused).toBeDefined();
        else if (meaning === 'not JSON') {
          if (refused === undefined) expect(scanJson(bytes).syntaxErrorAt).toBeGreaterThanOrEqual(0);
        } else {
          const reference = referenceScan(meaning.text);
          expect(refused).toBe(reference.rule);
          if (refused === undefined) {
            const { values, containers, exactNumbers, members, syntaxErrorAt } = scanJson(bytes);
            expect({ rule: undefined, values, containers, exactNumbers }).toEqual(reference);
            expect(syntaxErrorAt).toBe(-1);
            const spans = [...members].map(([name, { start, end }]): [string, unknown] => [
              name,
              parsed(bytes.subarray(start, end)),
            ]);
            const isObject = typeof meaning.value === 'object' && !Array.isArray(meaning.value);
            const body: JsonObject = isObject && meaning.value !== null ? { ...meaning.value } : {};
            expect(new Set(spans.map(([name]) => name))).toEqual(new Set(Object.keys(body)));
            for (const [name, span] of spans) expect(span).toMatchObject({ value: body[name] });
          }
        }
      }),
      { numRuns },
    );
  });
});

/** What the reference finds in a text that JSON.parse accepts. */
interface ReferenceScan {
  readonly rule: ScanRule | undefined;
  readonly values: number;
  readonly containers: number;
  readonly exactNumbers: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * The byte scan written as plainly as can be, for the property tests: tokens by a regular expression, names in a Set,
 * strings by JSON.parse. Only for text that JSON.parse accepts; it is slow and allocates at will.
 */
function referenceScan(text: string): ReferenceScan {
  const tokens = text.match(TOKEN) ?? [];
  const open: (Set<string> | undefined)[] = [];
  let values = 0;
  let containers = 0;
  let exactNumbers = true;
  const found = (rule?: ScanRule): ReferenceScan => ({ rule, values, containers, exactNumbers });
  for (const [i, token] of tokens.entries()) {
    if (token === ',' || token === ':') continue;
    if (token === '}' || token === ']') {
      open.pop();
      continue;
    }
    if (token.startsWith('"')) {
      const string = String(JSON.parse(token));
      if (LONE.test(string)) return found('lone-surrogate');
      if (tokens[i + 1] === ':') {
        if (string === '__proto__') return found('proto-name');
        if (open.at(-1)?.has(string) === true) return found('duplicate-name');
        open.at(-1)?.add(string);
        continue;
      }
    }
    if (++values > JSON_LIMITS.values) return found('values');
    if (token === '{' || token === '[') {
      if (++containers > JSON_LIMITS.containers) return found('containers');
      if (open.length === JSON_LIMITS.depth) return found('depth');
      open.push(token === '{' ? new Set() : undefined);
    }
    if (/^[-\d]/.test(token) && !isExact(token)) exactNumbers = false;
  }
  return found();
}

function isExact(literal: string): boolean {
  const mantissa = literal.replace(/[eE].*$/, '');
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  const size = Math.abs(Number(literal));
  return digits === '' || (digits.length <= 15 && size < Infinity && size >= 2 ** -1022);
}
