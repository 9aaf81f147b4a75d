import type { StoreHealth } from '../exact-cache-store.port.ts';
import type { Shortcoming } from './redis-shortcomings.ts';

/** Redis does what it is asked; `detail` is what an operator should know all the same. */
export function upHealth(detail: string | undefined): StoreHealth {
  return { status: 'up', detail };
}

/** Redis answers, but not everything: entries are served, and something does not work. */
export function degradedHealth({ sinceUnixMs, detail }: Shortcoming): StoreHealth {
  return { status: 'degraded', since: iso(sinceUnixMs), detail };
}

/** Redis does not answer. `code` as in RedisFault. */
export function downHealth(sinceUnixMs: number, code: string): StoreHealth {
  return { status: 'down', since: iso(sinceUnixMs), detail: code };
}

function iso(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
