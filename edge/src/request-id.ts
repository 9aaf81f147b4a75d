import { HEADER, requestIdFrom } from '@isartor/shared';
import type { EdgeLayer } from './edge-context.ts';

/** In the place of a URL that cannot be read; `route` refuses it. */
export const NO_URL = new URL('http://unreadable.invalid');
const NOT_IN_HOST = /[/?#@\\]/;

/**
 * Begins a request: gives it its id and reads its URL, once for all layers; puts the id and the edge's verdict on whatever
 * answer comes back. Layers read the context by `get`: Hono's `var` copies all of it at each access, and its `header`
 * copies the answer.
 */
export function requestId(): EdgeLayer {
  return async (c, next) => {
    const id = requestIdFrom(c.req.raw.headers.get(HEADER.requestId) ?? undefined);
    c.set('requestId', id);
    c.set('url', urlOf(c.req.raw));
    c.set('timings', []);
    await next();
    const { headers } = c.res;
    headers.set(HEADER.requestId, id);
    const edge = c.get('edge');
    if (edge !== undefined) headers.set(HEADER.edge, edge);
  };
}

/** The runtime puts `Host`, which is the client's word, in front of the path as it is: it must not be part of that. */
function urlOf({ url, headers }: Request): URL {
  return (NOT_IN_HOST.test(headers.get('host') ?? '') ? null : URL.parse(url)) ?? NO_URL;
}
