import { EXPOSED_HEADERS } from '@isartor/shared';
import { cors as honoCors } from 'hono/cors';
import type { EdgeLayer } from './edge-context.ts';

/** Lets browsers of the given origins in; without this layer, `OPTIONS` is a wrong method. */
export function cors(origins: readonly string[]): EdgeLayer {
  return honoCors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST'],
    exposeHeaders: [...EXPOSED_HEADERS],
    maxAge: 600,
  });
}
