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

  /** Throws GatewayError: 401 without the key, 403 with a caller's. */
  admit(header: HeaderReader): void {
    const sent = BEARER.exec(header('authorization') ?? '')?.[1];
    if (sent === undefined) {
      throw new GatewayError('invalid_api_key', 'Send the admin key: Authorization: Bearer <ISARTOR__ADMIN_KEY>.');
    }
    // Digests are of one length, so that the time does not tell the key's either.
    const digest = sha256Hex(sent);
    if (constantTimeEqual(digest, this.keyDigest)) return;
    if (this.callers.find(digest, this.nowMs()) !== undefined) {
      throw new GatewayError('admin_only', 'This is the key of a tenant: the administration has its own.');
    }
    throw new GatewayError('invalid_api_key', 'This is not the admin key (ISARTOR__ADMIN_KEY).');
  }
}
