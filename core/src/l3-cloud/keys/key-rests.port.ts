import type { RestReason } from './key-verdict.ts';

/** A key's rest, as pods tell each other. */
export interface KeyRest {
  /** Names the key to those who have it, and tells nobody else anything. */
  readonly id: string;
  readonly why: RestReason;
  readonly restMs: number;
}

/** How pods share which keys rest. */
export interface KeyRests {
  /** Never throws, never waits. */
  tell(rest: KeyRest): void;
  /** Begins to hear what others tell, and what they told before about these keys. */
  listen(ids: readonly string[], onRest: (rest: KeyRest) => void): void;
  close(): Promise<void>;
}

/** Of one process alone. */
export const OWN_KEY_RESTS: KeyRests = {
  tell: () => undefined,
  listen: () => undefined,
  close: () => Promise.resolve(),
};
