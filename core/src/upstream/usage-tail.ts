import { isJsonObject, parseJson, usageOf, type Operation, type Usage } from '@isartor/shared';

/** What of a body's end is kept: token counts come last, and are some hundred bytes. */
const KEPT_BYTES = 16 * 1024;
/** Within a string its quotation marks would be escaped. */
const NAME = '"usage"';
/** A member `usage` that is an object of numbers and of objects of numbers. */
const MEMBER = /^"usage"\s*:\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/;

/** Keeps the end of a body as it passes, and reads the token counts out of it, without parsing the rest. */
export class UsageTail {
  private chunks: Uint8Array[] = [];
  private size = 0;

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.size += chunk.byteLength;
    for (;;) {
      const [first] = this.chunks;
      if (first === undefined || this.size - first.byteLength < KEPT_BYTES) return;
      this.chunks.shift();
      this.size -= first.byteLength;
    }
  }

  /** The last counts that the body gave; null where it gave none. */
  read(operation: Operation): Usage | null {
    const text = Buffer.concat(this.chunks, this.size).toString('latin1');
    for (let at = text.lastIndexOf(NAME); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(NAME, at - 1)) {
      const [, member] = MEMBER.exec(text.slice(at, at + KEPT_BYTES)) ?? [];
      const usage = member === undefined ? null : countsIn(operation, member);
      if (usage !== null) return usage;
    }
    return null;
  }
}

function countsIn(operation: Operation, member: string): Usage | null {
  try {
    const usage = parseJson(member);
    return isJsonObject(usage) ? usageOf(operation, { usage }) : null;
  } catch {
    // Not JSON after all.
    return null;
  }
}
