/**
 * What an error is called, for the log: its code, or its class where it has none. What it says may quote what it stumbled
 * over: a SyntaxError of JSON.parse holds the beginning of an answer.
 */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
