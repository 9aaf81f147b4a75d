import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';

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
export function listedAddresses(urls: readonly string[]): () => Promise<readonly string[]> {
  return () => Promise.resolve(urls);
}

/** The servers behind names: each address that a name has at the moment is one (a headless Service of Kubernetes). */
export function resolvedAddresses(
  urls: readonly string[],
  resolve: Resolve = RESOLVE,
): () => Promise<readonly string[]> {
  return async () => {
    const lists = await Promise.all(urls.map((url) => addressesOf(new URL(url), resolve)));
    return [...new Set(lists.flat())].toSorted();
  };
}

async function addressesOf(url: URL, resolve: Resolve): Promise<readonly string[]> {
  const port = url.port === '' ? '' : `:${url.port}`;
  const path = url.pathname.replace(/\/+$/, '');
  const found = await resolve(url.hostname.replaceAll(/[[\]]/g, ''));
  return found.map(
    ({ address, family }) => `${url.protocol}//${family === 6 ? `[${address}]` : address}${port}${path}`,
  );
}
