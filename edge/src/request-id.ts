import { HEADER, requestIdFrom } from '@isartor/shared';
import type { EdgeLayer } from './edge-context.ts';

/**
 * Begins a request: gives it its id and reads its URL, once for all layers; puts the id and the edge's verdict on whatever
 * answer comes back. Layers read the context by `get`: Hono's `var` copies all of it at each access, and its `header`
 * copies the answer.
 */
export function requestId(): EdgeLayer {
  return async (c, next) => {
    const id = requestIdFrom(c.req.raw.headers.get(HEADER.requestId) ?? undefined);
    c.set('requestId', id);
    c.set('url', new URL(c.req.url));
    c.set('timings', []);
    await next();
    const { headers } = c.res;
    headers.set(HEADER.requestId, id);
    const edge = c.get('edge');
    if (edge !== undefined) headers.set(HEADER.edge, edge);
  };
}
