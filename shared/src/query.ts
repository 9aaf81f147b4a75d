import { GatewayError } from './error/gateway-error.ts';
import { OPERATION_SPECS, type Operation } from './operation.ts';

/** What a request's query string means. */
export interface RequestQuery {
  /** Parameters that can change the answer: part of the cache key. */
  readonly envelope: Readonly<Record<string, string>>;
  /** The query string for the provider: empty, or with its `?`. */
  readonly upstream: string;
  /** `alt=sse`: the provider is asked for events. */
  readonly sse: boolean;
}

/** The caller's credential in the query (`?key=`): read by `readCredential`, never passed on. */
export const CREDENTIAL_QUERY = 'key';

/**
 * Reads the query by the operation's allow-list. Throws GatewayError `invalid_query` for a parameter that is not on it,
 * and for one that is given twice; `key` is left out (it is a credential).
 */
export function readQuery(operation: Operation, params: URLSearchParams): RequestQuery {
  const { envelopeQuery, framingQuery } = OPERATION_SPECS[operation];
  const allowed = [...envelopeQuery, ...framingQuery];
  const seen = new Set<string>();
  for (const [name] of params) {
    if (name !== CREDENTIAL_QUERY && !allowed.includes(name)) {
      throw new GatewayError('invalid_query', `The query parameter ${shown(name)} is not supported here: remove it.`);
    }
    if (seen.has(name)) {
      throw new GatewayError('invalid_query', `The query parameter ${shown(name)} is given more than once.`);
    }
    seen.add(name);
  }
  const alt = params.get('alt');
  if (framingQuery.includes('alt') && alt !== null && alt !== 'sse' && alt !== 'json') {
    throw new GatewayError('invalid_query', 'The query parameter "alt" must be sse or json here.');
  }
  const envelope: Record<string, string> = {};
  const upstream: string[] = [];
  for (const name of allowed) {
    const value = params.get(name);
    if (value === null) continue;
    if (envelopeQuery.includes(name)) envelope[name] = value;
    upstream.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  const sse = framingQuery.includes('alt') && alt === 'sse';
  return { envelope, upstream: upstream.length === 0 ? '' : `?${upstream.join('&')}`, sse };
}

/** A name from outside, fit to stand in a message. */
function shown(name: string): string {
  return `"${name.length > 64 ? `${name.slice(0, 64)}…` : name}"`;
}
