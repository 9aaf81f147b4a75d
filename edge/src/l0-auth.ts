import { ANONYMOUS, GatewayError, KeyRing, principalOf, readCredential } from '@isartor/shared';
import type { Principal } from '@isartor/shared';
import type { EdgeLayer, EdgeRequest } from './edge-context.ts';
import type { Settings } from './env.ts';
import type { RedisKeys } from './redis-keys.ts';
import { sha256Hex } from './sha256-hex.ts';

/** What the layer needs. */
export interface AuthParts {
  readonly settings: Settings;
  /** Keys that are kept in Redis, where there is one. */
  readonly redisKeys: RedisKeys | undefined;
  readonly now: () => number;
}

/** Lets a caller in by its key, before its body is read. The core checks again. */
export function l0Auth(parts: AuthParts): EdgeLayer {
  const ring = new KeyRing(parts.settings.keys);
  return async (c, next) => {
    const began = parts.now();
    c.set('principal', await principalOfCaller(c, ring, parts));
    c.var.timings.push(['l0', parts.now() - began]);
    return next();
  };
}

async function principalOfCaller(c: EdgeRequest, ring: KeyRing, parts: AuthParts): Promise<Principal | undefined> {
  const { settings, redisKeys, now } = parts;
  if (settings.authMode === 'off') return ANONYMOUS;
  const query = new URL(c.req.url).searchParams;
  const credential = readCredential((name) => c.req.raw.headers.get(name) ?? undefined, query.get('key') ?? undefined);
  const digest = sha256Hex(credential);
  const record = ring.find(digest, now());
  if (record !== undefined) return principalOf(record);
  if (redisKeys === undefined) throw unknownKey();
  const found = await redisKeys.find(digest, c.var.redisWait).catch(() => 'unavailable' as const);
  if (found === undefined) throw unknownKey();
  if (found !== 'unavailable') return principalOf(found);
  // Redis is down: only the core can tell who this is, and without a tenant there is no cache to look into.
  c.set('edge', 'error');
  return undefined;
}

function unknownKey(): GatewayError {
  return new GatewayError(
    'invalid_api_key',
    'The API key is unknown or has expired: check it, or ask the operator for one.',
  );
}
