import { GatewayError } from '../error/gateway-error.ts';

/** Bounds of a request body: JSON.parse needs up to twenty times the bytes of a text that is all small objects. */
export const JSON_LIMITS = { depth: 64, containers: 20_000, values: 500_000 } as const;

/** Why a body is refused before it is parsed: by each of these, two readers could see two requests in one text, or parsing costs too much. */
export const SCAN_RULES = {
  'invalid-utf8': 'it is not valid UTF-8',
  bom: 'it starts with a byte order mark',
  'duplicate-name': 'an object has the same name twice',
  'lone-surrogate': 'a \\u escape is half of a surrogate pair',
  'proto-name': 'an object has the name __proto__',
  depth: `objects and arrays are nested more than ${JSON_LIMITS.depth} deep`,
  containers: `it has more than ${JSON_LIMITS.containers} objects and arrays`,
  values: `it has more than ${JSON_LIMITS.values} values`,
} as const;
export type ScanRule = keyof typeof SCAN_RULES;

/** The 400 for a rule, with the offset of the byte it stumbled on. It never quotes the body. */
export function unsafeJson(rule: ScanRule, at: number): GatewayError {
  return new GatewayError('unsafe_json', `The request body was refused (${rule}): ${SCAN_RULES[rule]}, at byte ${at}.`);
}
