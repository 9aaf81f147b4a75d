const LONGEST_SHOWN = 80;
/** What keys and tokens of well-known makers begin with: they end up in the wrong variable now and then. */
const LOOKS_SECRET = /^(sk-|gsk_|xai-|AIza|eyJ|Bearer\b)/i;

/** A value as a message may show it: of a secret its shape alone, of an address no credentials and no query. One line. */
export function showValue(value: unknown, secret: boolean): string {
  if (typeof value === 'string') {
    return secret || LOOKS_SECRET.test(value.trim())
      ? shapeOf(value)
      : JSON.stringify(shortened(withoutSecrets(value)));
  }
  if (!secret && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if (!secret && Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return shortened(value.map((item) => showValue(item, false)).join(', '));
  }
  return shapeOf(value);
}

/** What kind of value it is and how long. */
function shapeOf(value: unknown): string {
  if (typeof value === 'string') return `(a text of ${value.length} characters)`;
  if (Array.isArray(value)) return `(a list of ${value.length})`;
  return typeof value === 'object' ? '(a group)' : `(a ${typeof value})`;
}

function withoutSecrets(text: string): string {
  return text.replace(/^([a-z+]+:\/\/)?.*@/is, '$1…@').replace(/\?.*$/s, '?…');
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
