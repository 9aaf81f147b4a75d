import { GatewayError } from '../error/gateway-error.ts';
import type { HeaderReader } from '../layer/headers.ts';
import { HEADER } from '../layer/headers.ts';
import type { SkippableLayer } from '../layer/layer-name.ts';
import { SKIPPABLE_LAYERS } from '../layer/layer-name.ts';

/** What a request's headers say about caching. */
export interface CacheDirectives {
  /** Do not read, do store. */
  readonly noCache: boolean;
  /** Neither read nor store. */
  readonly noStore: boolean;
  /** Seconds: limits reading and storing. */
  readonly ttlSecs: number | undefined;
  readonly bypass: ReadonlySet<SkippableLayer>;
  /** Extra scope of the cache key. */
  readonly session: string | undefined;
  /** Whether the question has another answer tomorrow; undefined: the semantic cache's own rules say. */
  readonly volatile: boolean | undefined;
}

/** Visible ASCII: edge and core must read the same characters out of the same bytes. */
const SESSION = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;
const SECONDS = /^\d{1,9}$/;
const NOTHING: ReadonlySet<SkippableLayer> = new Set();

/**
 * Reads them. `cache-control` is the world's and never an error: what is not understood is skipped. The `x-isartor-*`
 * headers are ours: a value that is not understood throws GatewayError `invalid_header`, which names the header.
 */
export function readCacheDirectives(header: HeaderReader): CacheDirectives {
  const directives = (header('cache-control') ?? '').split(',').map((directive) => directive.trim().toLowerCase());
  return {
    noCache: directives.includes('no-cache'),
    noStore: directives.includes('no-store'),
    ttlSecs: readTtl(header(HEADER.cacheTtl)),
    bypass: readBypass(header(HEADER.bypass)),
    session: readSession(header(HEADER.sessionId)),
    volatile: readVolatile(header(HEADER.volatile)),
  };
}

function readTtl(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!SECONDS.test(value)) throw invalid(HEADER.cacheTtl, 'a whole number of seconds');
  return Number(value);
}

function readBypass(value: string | undefined): ReadonlySet<SkippableLayer> {
  if (value === undefined || value.trim() === '') return NOTHING;
  const bypass = new Set<SkippableLayer>();
  for (const item of value.split(',')) {
    const layer = SKIPPABLE_LAYERS.find((name) => name === item.trim().toLowerCase());
    if (layer === undefined) throw invalid(HEADER.bypass, `a comma list of ${SKIPPABLE_LAYERS.join(', ')}`);
    bypass.add(layer);
  }
  return bypass;
}

function readSession(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!SESSION.test(value)) throw invalid(HEADER.sessionId, '1 to 256 printable ASCII characters');
  return value;
}

function readVolatile(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  const word = value.trim().toLowerCase();
  if (word !== 'true' && word !== 'false') throw invalid(HEADER.volatile, 'true or false');
  return word === 'true';
}

function invalid(name: string, expected: string): GatewayError {
  return new GatewayError('invalid_header', `The header ${name} must be ${expected}.`, { param: name });
}
