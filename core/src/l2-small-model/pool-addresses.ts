import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Where a server of the pool is. */
export interface ServerAddress {
  /** Its root, without a slash at its end: no other server has the same. */
  readonly url: string;
  /** The host by name, where the URL has one of the addresses behind it: what its certificate and its routes go by. */
  readonly host?: string | undefined;
}

/** Finds every address behind a name. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** While names are resolved no server is checked, known ones included. */
const RESOLVE_WITHIN_MS = 2_000;

const RESOLVE: Resolve = async (host) => {
  const answered = new AbortController();
  const tooLate = pause(RESOLVE_WITHIN_MS, undefined, { signal: answered.signal, ref: false }).then(() => {
    throw new Error('The name was not resolved in time.');
  });
  try {
    return await Promise.race([lookup(host, { all: true }), tooLate]);
  } finally {
    answered.abort();
  }
};

/** The servers as listed: each address is one. */
export function listedAddresses(urls: readonly string[]): () => Promise<readonly ServerAddress[]> {
  const listed = urls.map((url) => ({ url }));
  return () => Promise.resolve(listed);
}

/** The servers behind names: each address that a name has at the moment is one (a headless Service of Kubernetes). */
export function resolvedAddresses(
  urls: readonly string[],
  resolve: Resolve = RESOLVE,
): () => Promise<readonly ServerAddress[]> {
  return async () => {
    const lists = await Promise.all(urls.map((url) => addressesOf(new URL(url), resolve)));
    const byUrl = new Map(lists.flat().map((server) => [server.url, server]));
    return [...byUrl.values()].toSorted((a, b) => (a.url < b.url ? -1 : 1));
  };
}

async function addressesOf(url: URL, resolve: Resolve): Promise<readonly ServerAddress[]> {
  const port = url.port === '' ? '' : `:${url.port}`;
  const path = url.pathname.replace(/\/+$/, '');
  const found = await resolve(url.hostname.replaceAll(/[[\]]/g, ''));
  return found.map(({ address, family }) => ({
    url: `${url.protocol}//${family === 6 ? `[${address}]` : address}${port}${path}`,
    host: url.hostname,
  }));
}
