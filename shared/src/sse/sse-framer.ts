/** A piece of a stream that may go out as it is. */
export interface SseFrame {
  /** The bytes as they came, an event's through its blank line. */
  readonly bytes: Uint8Array;
  /** False: a piece of an event over 1 MiB. A stream with such a piece can be passed on but not be collected. */
  readonly whole: boolean;
  /** The last piece of an event over 1 MiB: the next byte begins a new one. */
  readonly ends?: boolean;
}

/** An event longer than this, in bytes, is passed on in pieces. */
export const MAX_EVENT_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = new Uint8Array(0);

/**
 * Cuts a byte stream into whole events (to the blank line; `\n`, `\r\n` and `\r` end a line) however the chunks fall.
 * Linear in the bytes. A chunk that holds whole events is cut by views: nothing is copied, so a chunk must not be
 * written to after it was pushed.
 */
export class SseFramer {
  /** The unfinished event as far as it is held back: a view of the last chunk, or of `#buffer`. */
  #held: Uint8Array = NOTHING;
  /** Where an event that comes in more than one chunk is put together; it grows by doubling. */
  #buffer: Uint8Array = NOTHING;
  #pending = 0;
  /** Whether the next byte starts a line, so that a line end there is a blank line. */
  #lineStart = true;
  /** Whether the last byte was a CR: an LF that follows belongs to it. */
  #afterCr = false;

  /** Bytes of the event that has not ended yet, those already passed on in pieces too; 0 exactly between two events. */
  get pending(): number {
    return this.#pending;
  }

  /** Takes the next chunk and gives what may go out now, in order. */
  push(chunk: Uint8Array): SseFrame[] {
    const frames: SseFrame[] = [];
    const length = chunk.length;
    let start = 0;
    let at = 0;
    if (this.#afterCr && length > 0) {
      this.#afterCr = false;
      if (chunk[0] === LF) {
        at = 1;
        // The event went out with its CR: the LF follows by itself, and means nothing more.
        if (this.#pending === 0) {
          frames.push({ bytes: chunk.subarray(0, 1), whole: true });
          start = 1;
        }
      }
    }
    let nextLf = -1;
    let nextCr = -1;
    while (at < length) {
      if (nextLf < at) nextLf = positionOf(chunk, LF, at);
      if (nextCr < at) nextCr = positionOf(chunk, CR, at);
      const lineEnd = nextLf < nextCr ? nextLf : nextCr;
      if (lineEnd === length) {
        this.#lineStart = false;
        break;
      }
      const blank = lineEnd === at && this.#lineStart;
      at = lineEnd + 1;
      if (lineEnd === nextCr) {
        if (at === length) this.#afterCr = true;
        else if (chunk[at] === LF) at += 1;
      }
      this.#lineStart = true;
      if (blank) {
        this.#end(start === 0 && at === length ? chunk : chunk.subarray(start, at), frames);
        start = at;
      }
    }
    if (start < length) this.#hold(start === 0 ? chunk : chunk.subarray(start), frames);
    return frames;
  }

  #hold(bytes: Uint8Array, frames: SseFrame[]): void {
    this.#pending += bytes.length;
    if (this.#pending > MAX_EVENT_BYTES) this.#release(bytes, frames);
    else this.#append(bytes);
  }

  #end(bytes: Uint8Array, frames: SseFrame[]): void {
    if (this.#pending + bytes.length > MAX_EVENT_BYTES) {
      this.#release(bytes, frames);
      const last = frames.pop();
      if (last !== undefined) frames.push({ ...last, ends: true });
    } else {
      this.#append(bytes);
      frames.push({ bytes: this.#held, whole: true });
    }
    this.#held = NOTHING;
    this.#buffer = NOTHING;
    this.#pending = 0;
  }

  #append(bytes: Uint8Array): void {
    const before = this.#held.length;
    if (before === 0) {
      this.#held = bytes;
      return;
    }
    const length = before + bytes.length;
    if (this.#buffer.length < length) {
      this.#buffer = new Uint8Array(length * 2);
      this.#buffer.set(this.#held);
    }
    this.#buffer.set(bytes, before);
    this.#held = this.#buffer.subarray(0, length);
  }

  /** Passes on a piece of an event that is too long to hold, after what was held of it so far. */
  #release(bytes: Uint8Array, frames: SseFrame[]): void {
    if (this.#held.length > 0) frames.push({ bytes: this.#held, whole: false });
    this.#held = NOTHING;
    this.#buffer = NOTHING;
    frames.push({ bytes, whole: false });
  }
}

function positionOf(chunk: Uint8Array, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from);
  return at < 0 ? chunk.length : at;
}
