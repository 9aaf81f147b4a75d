import type { Usage } from '@isartor/shared';

/** What one request of the demo came to. */
export interface Measurement {
  /** The layer that answered, as `x-isartor-layer` names it; `none` for a failure without the header. */
  readonly layer: string;
  readonly edge: string;
  readonly deflected: boolean;
  readonly stream: boolean;
  /** From the call to the last byte. */
  readonly ms: number;
  readonly usage: Usage | undefined;
  /** In a few words, when the request failed. */
  readonly error?: string;
}
