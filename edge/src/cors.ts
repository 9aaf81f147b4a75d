import { HEADER } from '@isartor/shared';
import { cors as honoCors } from 'hono/cors';
import type { EdgeLayer } from './edge-context.ts';

const EXPOSED = [
  ...Object.values(HEADER).filter((name) => name !== HEADER.stored && name !== HEADER.edgeAuth),
  'age',
  'retry-after',
  'server-timing',
];

/** Lets browsers of the given origins in; with none, a layer that does nothing, and `OPTIONS` is a wrong method. */
export function cors(origins: readonly string[]): EdgeLayer {
  if (origins.length === 0) return (_, next) => next();
  return honoCors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'HEAD', 'POST'],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
}
