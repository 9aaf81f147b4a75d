import { JSON_LIMITS, type ScanRule } from './scan-rule.ts';

/** What the reference finds in a text that JSON.parse accepts. */
export interface ReferenceScan {
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
export function referenceScan(text: string): ReferenceScan {
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
      const string: string = JSON.parse(token);
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
