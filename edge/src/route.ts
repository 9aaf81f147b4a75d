import { GatewayError, matchRoute } from '@isartor/shared';
import type { EdgeLayer } from './edge-context.ts';
import { NO_URL } from './request-id.ts';

/** Finds the route: health is answered here, what no layer serves is refused here. `readiness` is the edge's own. */
export function route(readiness: () => object): EdgeLayer {
  return async (c, next) => {
    const url = c.get('url');
    if (url === NO_URL)
      throw new GatewayError('invalid_header', 'The header host is no name of a host.', { param: 'host' });
    const match = matchRoute(c.req.method, url.pathname);
    switch (match.kind) {
      case 'health':
        return c.json({ status: 'ok' });
      case 'ready':
        return c.json(readiness());
      // Between edge and core; a client's business is neither.
      case 'hits':
      case 'unknown':
        throw new GatewayError('not_found', 'There is no such route here. Chat is at POST /v1/chat/completions.');
      case 'wrong-method':
        throw new GatewayError('method_not_allowed', `Use ${match.allow.join(' or ')} here.`, { allow: match.allow });
      case 'operation':
      case 'models':
      case 'model':
      case 'feedback':
      case 'explain':
      case 'usage':
        c.set('route', match);
        c.set('edge', 'bypass');
        return next();
      default:
        return match satisfies never;
    }
  };
}
