import { HEADER, requestIdFrom } from '@isartor/shared';
import type { EdgeLayer } from './edge-context.ts';

/** Gives the request its id, and puts the id and the edge's verdict on whatever answer comes back. */
export function requestId(): EdgeLayer {
  return async (c, next) => {
    c.set('requestId', requestIdFrom(c.req.header(HEADER.requestId)));
    c.set('timings', []);
    await next();
    c.header(HEADER.requestId, c.var.requestId);
    if (c.var.edge !== undefined) c.header(HEADER.edge, c.var.edge);
  };
}
