import { MAX_STORED_BYTES, type SseFrame } from '@isartor/shared';
import type { ByteBudget } from '../pipeline/byte-budget.ts';

/**
 * Passes a stream on untouched while keeping a copy, and hands the copy over once the stream has ended by itself.
 * A stream that breaks, is left, grows past the bound or the budget, or holds an event in pieces is passed on and never
 * handed over.
 */
export async function* collectEvents(
  events: AsyncIterable<readonly SseFrame[]>,
  onComplete: (stream: Uint8Array) => void,
  budget: ByteBudget,
): AsyncGenerator<readonly SseFrame[], void, undefined> {
  const copy = new StreamCopy(budget);
  try {
    for await (const frames of events) {
      for (const frame of frames) copy.add(frame);
      yield frames;
    }
    const whole = copy.whole();
    if (whole !== undefined) onComplete(whole);
  } finally {
    copy.drop();
  }
}

class StreamCopy {
  private kept: Uint8Array[] | undefined = [];
  private size = 0;

  constructor(private readonly budget: ByteBudget) {}

  add({ bytes, whole }: SseFrame): void {
    if (this.kept === undefined) return;
    const { byteLength } = bytes;
    if (!whole || this.size + byteLength > MAX_STORED_BYTES || !this.budget.take(byteLength)) return this.drop();
    this.size += byteLength;
    this.kept.push(bytes);
  }

  whole(): Uint8Array | undefined {
    return this.kept === undefined ? undefined : Buffer.concat(this.kept, this.size);
  }

  drop(): void {
    this.kept = undefined;
    this.budget.give(this.size);
    this.size = 0;
  }
}
