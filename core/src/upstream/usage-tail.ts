import { isJsonObject, parseJson, usageOf, type Operation, type Usage } from '@isartor/shared';

/** What of a body's end is kept: token counts come last, and are some hundred bytes. */
const KEPT_BYTES = 16 * 1024;
/** What counts are called, Gemini's otherwise. Within a string the quotation marks would be escaped. */
const NAME = '"usage"';
const GEMINI_NAME = '"usageMetadata"';
/** A member that is an object of numbers and of objects of them, two levels deep as Anthropic's `iterations` are. */
const MEMBER = /^"usage(?:Metadata)?"\s*:\s*(\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\})/;

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
    const name = operation === 'gemini.generate' ? GEMINI_NAME : NAME;
    for (let at = text.lastIndexOf(name); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
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
    return isJsonObject(usage) ? usageOf(operation, { usage, usageMetadata: usage }) : null;
  } catch {
    // Not JSON after all.
    return null;
  }
}
