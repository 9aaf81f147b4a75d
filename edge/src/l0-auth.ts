import { ANONYMOUS, GatewayError, KeyRing, principalOf, readCredential } from '@isartor/shared';
import type { Principal } from '@isartor/shared';
import { BoundedMap } from './bounded-map.ts';
import type { EdgeLayer, EdgeRequest } from './edge-context.ts';
import { queryOf } from './edge-context.ts';
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

/** Digests of so many keys are remembered, so that a key in use is not hashed each time. */
const DIGESTS_REMEMBERED = 1_000;

/** What is known of keys: the configured ones, and the digests of those that opened the door. */
interface Keys {
  readonly ring: KeyRing;
  /** By the key itself. Only good keys get in, so a flood of wrong ones pushes nothing out. */
  readonly digests: BoundedMap<string>;
}

/** Lets a caller in by its key, before its body is read. The core checks again. */
export function l0Auth(parts: AuthParts): EdgeLayer {
  const keys: Keys = { ring: new KeyRing(parts.settings.keys), digests: new BoundedMap(DIGESTS_REMEMBERED) };
  return async (c, next) => {
    const began = parts.now();
    c.set('principal', await principalOfCaller(c, keys, parts));
    c.get('timings').push(['l0', parts.now() - began]);
    return next();
  };
}

async function principalOfCaller(c: EdgeRequest, keys: Keys, parts: AuthParts): Promise<Principal | undefined> {
  if (parts.settings.authMode === 'off') return ANONYMOUS;
  const credential = credentialOf(c);
  const known = keys.digests.get(credential);
  const digest = known ?? sha256Hex(credential);
  // A remembered digest is compared like any other: a key may have expired since.
  const record = keys.ring.find(digest, parts.now());
  if (record === undefined) return principalInRedis(c, digest, parts);
  if (known === undefined) keys.digests.set(credential, digest);
  return principalOf(record);
}

function credentialOf(c: EdgeRequest): string {
  const { headers } = c.req.raw;
  return readCredential((name) => headers.get(name) ?? undefined, queryOf(c).get('key') ?? undefined);
}

async function principalInRedis(c: EdgeRequest, digest: string, parts: AuthParts): Promise<Principal | undefined> {
  const { redisKeys } = parts;
  if (redisKeys === undefined) throw unknownKey();
  const found = await redisKeys.find(digest, c.get('redisWait')).catch(() => 'unavailable' as const);
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
