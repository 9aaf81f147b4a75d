/** Places in the shared memory. */
const BUSY = 0;
const SHUT = 1;

/**
 * Shared memory between a thread that runs native code and the thread that may end the process. A process that exits
 * under a run is aborted: the native code finds its environment gone and throws where nobody catches (measured with
 * onnxruntime-node 1.30: `Napi::Error`, SIGABRT, in a third of the exits under load).
 */
export class RunGate {
  /** What the other thread's gate is made of. */
  readonly memory: SharedArrayBuffer;
  private readonly states: Int32Array<SharedArrayBuffer>;

  /** Without `memory`: a new gate. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.states = new Int32Array(memory);
  }

  /** Runs `work`, unless the gate is shut: then it never begins, nor ends. */
  async enter<Value>(work: () => Promise<Value>): Promise<Value> {
    Atomics.add(this.states, BUSY, 1);
    if (Atomics.load(this.states, SHUT) === 1) {
      this.leave();
      return new Promise<Value>(() => undefined);
    }
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Lets nothing begin any more, and blocks the calling thread until what has begun is over, at most `timeoutMs`. */
  shut(timeoutMs: number): void {
    Atomics.store(this.states, SHUT, 1);
    const until = performance.now() + timeoutMs;
    for (;;) {
      const busy = Atomics.load(this.states, BUSY);
      const leftMs = until - performance.now();
      if (busy === 0 || leftMs <= 0) return;
      Atomics.wait(this.states, BUSY, busy, leftMs);
    }
  }

  private leave(): void {
    Atomics.sub(this.states, BUSY, 1);
    Atomics.notify(this.states, BUSY);
  }
}
