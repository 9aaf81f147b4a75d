/** How long the edge trusts what it read of Redis (or of the core), in milliseconds: a kill switch acts within this. */
export const TRUSTED_MS = 5_000;

/** Whether something noted at `at` may still be trusted; a clock that went back counts as stale. */
export function isTrusted(at: number, now: number): boolean {
  const age = now - at;
  return age >= 0 && age <= TRUSTED_MS;
}
