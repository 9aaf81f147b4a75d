import type { IncomingMessage } from 'node:http';

const ABSOLUTE = /^https?:\/\/[^/?]*/i;

/**
 * A request's target without scheme and authority, which a server must take too (RFC 9112, section 3.2.2). Which name we
 * are called by makes no difference here.
 */
export function originForm({ url = '' }: Pick<IncomingMessage, 'url'>): string {
  if (url.startsWith('/')) return url;
  const target = url.replace(ABSOLUTE, '');
  return target === url || target.startsWith('/') ? target : `/${target}`;
}
