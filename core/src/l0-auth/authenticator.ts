import {
  ANONYMOUS,
  constantTimeEqual,
  GatewayError,
  KeyRing,
  principalOf,
  readCredential,
  type HeaderReader,
  type KeyRecord,
  type Principal,
  HEADER,
} from '@isartor/shared';
import { sha256Hex } from '../sha256-hex.ts';

/** Who may call, and how the edge proves itself. */
export interface AuthSettings {
  /** `off`: everyone is tenant `default`. */
  readonly mode: 'on' | 'off';
  readonly keys: readonly KeyRecord[];
  readonly edgeSecret: string | undefined;
  /** Refuse every caller that does not prove to be the edge. */
  readonly edgeOnly: boolean;
}

interface Known {
  readonly principal: Principal;
  /** Unix ms; undefined: for ever. */
  readonly notAfter: number | undefined;
}

/** L0: who is calling. Decided from the request's head alone, before its body is read. */
export class Authenticator {
  private readonly ring: KeyRing;
  /**
   * Whom a key that was found good belongs to: no more entries than there are keys. A Map looks a text up by its seeded
   * hash, so that the time says as little about the keys in it as that of the digests does.
   */
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly settings: AuthSettings,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.ring = new KeyRing(settings.keys);
  }

  /** Did the caller prove to be our edge? */
  isEdge(header: HeaderReader): boolean {
    const proof = header(HEADER.edgeAuth);
    const { edgeSecret } = this.settings;
    return proof !== undefined && edgeSecret !== undefined && constantTimeEqual(proof, edgeSecret);
  }

  /** The caller, or a GatewayError: no key, two keys, a wrong or an expired one, or not through the edge where only that is allowed. */
  authenticate(header: HeaderReader, queryKey: string | undefined, fromEdge: boolean): Principal {
    if (this.settings.edgeOnly && !fromEdge) {
      throw new GatewayError('edge_only', 'This gateway answers only through its edge.');
    }
    if (this.settings.mode === 'off') return ANONYMOUS;
    const principal = this.find(readCredential(header, queryKey));
    if (principal === undefined) {
      throw new GatewayError('invalid_api_key', 'The API key is not known, or is no longer valid.');
    }
    return principal;
  }

  private find(credential: string): Principal | undefined {
    const nowMs = this.nowMs();
    const known = this.known.get(credential);
    if (known !== undefined && (known.notAfter === undefined || nowMs <= known.notAfter)) return known.principal;
    const record = this.ring.find(sha256Hex(credential), nowMs);
    if (record === undefined) return undefined;
    const principal = principalOf(record);
    this.known.set(credential, { principal, notAfter: record.notAfter });
    return principal;
  }
}
