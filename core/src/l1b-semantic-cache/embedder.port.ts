import type { Calibration } from './calibration.ts';
import type { TokenVectors } from './token-vectors.ts';

/** Why a text has no vector that stands for it. */
const UNREPRESENTABLE_REASONS = ['beyond-window', 'unknown-token', 'special-token', 'no-direction'] as const;
export type UnrepresentableReason = (typeof UNREPRESENTABLE_REASONS)[number];

/** What a text comes to. */
export type Embedding =
  | {
      readonly kind: 'vector';
      /** Length 1: the dot product of two vectors is the cosine of their texts. */
      readonly vector: Float32Array;
      /** Undefined where the model does not give them: then the verifier goes without. */
      readonly tokens?: TokenVectors | undefined;
      /** What the model reads, where it is told without the tokens' vectors. */
      readonly tokenIds?: readonly number[] | undefined;
    }
  /** The model cannot tell this text from others: it must not be looked up, nor found. */
  | { readonly kind: 'unrepresentable'; readonly why: UnrepresentableReason };

/** `idle`: the first text loads it. `loading`: no text is embedded yet. */
export interface EmbedderHealth {
  readonly status: 'up' | 'idle' | 'loading' | 'down';
  readonly detail?: string | undefined;
}

/** Makes vectors of texts; texts of like meaning get like vectors. Never works on the event loop. */
export interface Embedder {
  /** Names model and form: vectors of two names are never compared. */
  readonly name: string;
  /** Least cosine of two texts that may have one answer, as calibrated for this model; undefined: there is no model. */
  readonly threshold: number | undefined;
  /** Undefined where none was made for this model: then hits are verified by rules alone. */
  readonly calibration?: Calibration | undefined;
  /** True where texts leave this process: then they are sent only for the sake of an answer. */
  readonly asksOutside?: boolean;
  /**
   * Embeds one text. Throws EmbedderError when that cannot be done within `timeoutMs`: to the layer a miss.
   * Callers with the same text at the same time share one computation.
   */
  embed(text: string, timeoutMs: number): Promise<Embedding>;
  /** Texts that are being embedded or wait for it; undefined where that is not known. */
  readonly queued?: number;
  health(): EmbedderHealth;
  /** Begins to load; never waits for it and never throws. */
  start(): void;
  /** What is waiting fails. */
  close(): Promise<void>;
}

/** Token of the embedder in use; undefined where there is none. */
export const Embedder = Symbol('Embedder');

export type EmbedderFault = 'overloaded' | 'timeout' | 'down';

/** No vector in time. The message never quotes the text. */
export class EmbedderError extends Error {
  readonly fault: EmbedderFault;

  constructor(fault: EmbedderFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbedderError';
    this.fault = fault;
  }
}
