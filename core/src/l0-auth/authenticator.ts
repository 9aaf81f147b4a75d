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

/** L0: who is calling. Decided from the request's head alone, before its body is read. */
export class Authenticator {
  private readonly ring: KeyRing;

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
    const record = this.ring.find(sha256Hex(readCredential(header, queryKey)), this.nowMs());
    if (record === undefined)
      throw new GatewayError('invalid_api_key', 'The API key is not known, or is no longer valid.');
    return principalOf(record);
  }
}
