/**
 * Bytes that one side makes and the other reads when it likes. What is not read yet is kept: an answer is no longer than
 * the model's context.
 */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  private readonly pieces: Uint8Array[] = [];
  private readonly first = Promise.withResolvers<void>();
  private wake: (() => void) | undefined;
  private fault: { readonly error: unknown } | undefined;
  private isEnded = false;

  /** @param onAbandoned what the reader does not read to its end is not wanted any more */
  constructor(private readonly onAbandoned: () => void) {
    this.first.promise.catch(() => undefined);
  }

  /** Resolves with the first piece; rejects with the fault that came before. */
  get begun(): Promise<void> {
    return this.first.promise;
  }

  push(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.first.resolve();
    this.wake?.();
  }

  end(last: Uint8Array): void {
    this.isEnded = true;
    this.push(last);
  }

  fail(error: unknown): void {
    this.fault = { error };
    this.first.reject(error);
    this.wake?.();
  }

  abandon(): void {
    if (!this.isEnded) this.onAbandoned();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void, undefined> {
    return {
      next: async () => {
        for (;;) {
          const piece = this.pieces.shift();
          if (piece !== undefined) return { done: false, value: piece };
          if (this.fault !== undefined) throw this.fault.error;
          if (this.isEnded) return { done: true, value: undefined };
          await new Promise<void>((resolve) => (this.wake = resolve));
        }
      },
      return: async () => {
        this.abandon();
        return { done: true, value: undefined };
      },
    };
  }
}
