import { GatewayError, type JsonObject } from '@isartor/shared';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const NO_COUNTERPART = 'has no counterpart at the provider that this request goes to';
/** What JSON Schema calls the types that the library has other words for. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['int', 'integer'],
  ['record', 'object'],
  ['tuple', 'array'],
]);
/** Of a field's name in a message: it is the caller's, and may be of any length. */
const MAX_PARAM = 200;

/**
 * A request as its schema reads it; a top-level null is no value, as OpenAI has it. Throws a GatewayError
 * `invalid_request` that names the first field which the schema does not know or not with that value.
 */
export function readBody<T>(schema: z.ZodType<T>, body: JsonObject): T {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw issue === undefined ? new TypeError('a failed parse without an issue') : faultOf(issue);
}

/** What is thrown for a field that cannot be translated; `because` goes on from the field's name. */
export function untranslatable(param: string, because: string): GatewayError {
  return new GatewayError('invalid_request', `${param} ${because}`, { param });
}

function faultOf(issue: Issue): GatewayError {
  return untranslatable(paramOf(issue).slice(0, MAX_PARAM), reasonOf(issue));
}

function paramOf(issue: Issue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return path.reduce<string>((param, step) => {
    if (typeof step === 'number') return `${param}[${step}]`;
    return param === '' ? String(step) : `${param}.${String(step)}`;
  }, '');
}

function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${NO_COUNTERPART}: leave it out.`;
    case 'invalid_type':
      // Ours say it themselves; the library's own words begin otherwise.
      if (issue.message.startsWith('must ')) return issue.message;
      return `must be of type ${TYPES.get(issue.expected) ?? issue.expected}.`;
    case 'invalid_value':
      return `${NO_COUNTERPART}, unless it is ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}.`;
    case 'invalid_union':
      return `${NO_COUNTERPART} with this value.`;
    case 'custom':
      return issue.message;
    default:
      return `is not valid: ${issue.message}.`;
  }
}
