import { GatewayError } from '../error/gateway-error.ts';
import type { HeaderReader } from '../layer/headers.ts';

/**
 * Refuses, before the body is read, what would give its bytes another meaning: a type other than `application/json`, a
 * charset other than UTF-8, a content coding other than identity. Throws GatewayError `unsupported_media_type` (415).
 */
export function checkContentHeaders(headers: HeaderReader): void {
  const encoding = headers('content-encoding')?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw refused('content-encoding must be absent or identity: send the body uncompressed.');
  }
  const contentType = headers('content-type');
  if (contentType === undefined) throw refused('content-type is missing: send application/json.');
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  if (type.trim() !== 'application/json') throw refused('content-type must be application/json.');
  for (const parameter of parameters) {
    const [name = '', ...value] = parameter.split('=');
    if (name.trim() !== 'charset') continue;
    const charset = value
      .join('=')
      .trim()
      .replace(/^"(.*)"$/, '$1');
    if (charset !== 'utf-8' && charset !== 'utf8') throw refused('the charset of content-type must be utf-8.');
  }
}

function refused(message: string): GatewayError {
  return new GatewayError('unsupported_media_type', message);
}
