/** Elements of two partitions never meet. A purge or a new policy begins another one: what is in the old is unreachable. */
export interface Partition {
  readonly tenant: string;
  /** Who may share answers with whom (see semanticScope), and the embedder that made the vectors. */
  readonly scope: string;
  /** The tenant's epoch. */
  readonly epoch: string;
  /** Hash of what decides the answers. */
  readonly policy: string;
}

/** A question that was answered. */
export interface IndexedQuestion {
  /** Digest of the stored entry that answers it; one element a digest and partition. */
  readonly digest: string;
  /** The question as it was asked: what the verifier reads. One digest has one text. */
  readonly text: string;
  /** Unix ms; from then on it is not found. */
  readonly expiresAt: number;
}

/** A question near the one that was looked up. */
export interface Neighbour extends Pick<IndexedQuestion, 'digest' | 'text'> {
  /** -1 to 1. */
  readonly cosine: number;
}

/** How the index is, for `/readyz`. */
export interface VectorIndexHealth {
  readonly status: 'up' | 'down';
  readonly detail?: string | undefined;
}

/**
 * Vectors of answered questions. Methods may throw when the index is down or slower than its bound; what is expired
 * neither is found nor hides what is not.
 */
export interface VectorIndex {
  /** Whether it is worth asking at all: false while it is known to be down. */
  readonly isUp: boolean;
  /** At most `count` living elements of the partition, the nearest first. `vector` has length 1. */
  search(partition: Partition, vector: Float32Array, count: number): Promise<readonly Neighbour[]>;
  /** Adds an element, in the place of one with the same digest. */
  add(partition: Partition, vector: Float32Array, question: IndexedQuestion): Promise<void>;
  /**
   * Notes that a question was asked, until it expires; whether that had been noted before. Nothing is found by it. Of more
   * notes than there is room for the oldest may be forgotten.
   */
  note(partition: Partition, question: Pick<IndexedQuestion, 'digest' | 'expiresAt'>): Promise<boolean>;
  /** Removes an element; nothing happens where there is none. */
  remove(partition: Partition, question: Pick<IndexedQuestion, 'digest' | 'text'>): Promise<void>;
  health(): Promise<VectorIndexHealth>;
  /** Begins to connect; never waits for it and never throws. */
  start(): void;
  close(): Promise<void>;
}

/** Token of the index in use. */
export const VectorIndex = Symbol('VectorIndex');
