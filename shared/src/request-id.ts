const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `x-request-id` where it is safe to log and to pass on, else a new random one. */
export function requestIdFrom(value: string | undefined): string {
  return value !== undefined && ACCEPTED.test(value) ? value : crypto.randomUUID();
}
