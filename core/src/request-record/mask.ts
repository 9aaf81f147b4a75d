/** What looks like a secret or like one person's own data, the more specific first. */
const PATTERNS: readonly (readonly [word: string, pattern: RegExp])[] = [
  ['key', /\b(?:sk|pk|rk|gsk|xai|ghp|gho|glpat|AKIA|AIza)[-_]?[A-Za-z0-9_-]{12,}\b/g],
  ['token', /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g],
  ['bearer', /\bBearer\s+[A-Za-z0-9._~+/=-]{8,}/gi],
  ['email', /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu],
  ['iban', /\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?\b/g],
  ['address', /\b(?:\d{1,3}\.){3}\d{1,3}\b/g],
  // Cards, telephones, insurances, accounts: seven digits and more, however they are parted.
  ['number', /\+?\d(?:[\s()./-]{0,2}\d){6,}/g],
];

/** A text without what looks like a secret or like one person's own data: `[email]` in its place. No proof that none is left. */
export function mask(text: string): string {
  return PATTERNS.reduce((masked, [word, pattern]) => masked.replace(pattern, `[${word}]`), text);
}
