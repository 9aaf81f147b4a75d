import { constantTimeEqual, GatewayError, KeyRing, type HeaderReader, type KeyRecord } from '@isartor/shared';
import { sha256Hex } from '../sha256-hex.ts';

const BEARER = /^Bearer +(\S+) *$/i;

/** Lets in whoever holds the admin key, and nobody else. */
export class AdminGate {
  private readonly keyDigest: string;
  private readonly callers: KeyRing;

  constructor(
    adminKey: string,
    callers: readonly KeyRecord[],
    private readonly nowMs: () => number = Date.now,
  ) {
    this.keyDigest = sha256Hex(adminKey);
    this.callers = new KeyRing(callers);
  }

  /** Whether a request carries the key, where others may ask too. */
  opensFor(header: HeaderReader): boolean {
    const digest = digestOfSent(header);
    return digest !== undefined && constantTimeEqual(digest, this.keyDigest);
  }

  /** Throws GatewayError: 401 without the key, 403 with a caller's. */
  admit(header: HeaderReader): void {
    const digest = digestOfSent(header);
    if (digest === undefined) {
      throw new GatewayError('invalid_api_key', 'Send the admin key: Authorization: Bearer <ISARTOR__ADMIN_KEY>.');
    }
    if (constantTimeEqual(digest, this.keyDigest)) return;
    if (this.callers.find(digest, this.nowMs()) !== undefined) {
      throw new GatewayError('admin_only', 'This is the key of a tenant: the administration has its own.');
    }
    throw new GatewayError('invalid_api_key', 'This is not the admin key (ISARTOR__ADMIN_KEY).');
  }
}

/** Digests are of one length, so that the time does not tell the key's either. */
function digestOfSent(header: HeaderReader): string | undefined {
  const sent = BEARER.exec(header('authorization') ?? '')?.[1];
  return sent === undefined ? undefined : sha256Hex(sent);
}
