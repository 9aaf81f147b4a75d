/** Things of which each can do one job at a time; who comes when all are taken waits in line. */
export class Slots<Slot> {
  private readonly free: Slot[];
  private readonly line: ((slot: Slot) => void)[] = [];

  /** @param longestLine of those who wait; one more is refused */
  constructor(
    slots: readonly Slot[],
    private readonly longestLine: number,
  ) {
    this.free = [...slots];
  }

  get waiting(): number {
    return this.line.length;
  }

  get isFull(): boolean {
    return this.free.length === 0 && this.line.length >= this.longestLine;
  }

  /** A slot, to be given back. Rejects with the signal's reason as soon as that aborts. */
  async take(signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const slot = this.free.pop();
    if (slot !== undefined) return slot;
    const { promise, resolve, reject } = Promise.withResolvers<Slot>();
    const leave = (): void => {
      // A slot that was given in the same turn has taken it out of the line already.
      const at = this.line.indexOf(resolve);
      if (at >= 0) this.line.splice(at, 1);
      reject(signal.reason);
    };
    this.line.push(resolve);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  give(slot: Slot): void {
    const next = this.line.shift();
    if (next === undefined) this.free.push(slot);
    else next(slot);
  }
}
