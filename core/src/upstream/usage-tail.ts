import { isJsonObject, parseJson, usageOf, type JsonObject, type Operation, type Usage } from '@isartor/shared';

/** What of a body's end is kept: token counts come last, and are some hundred bytes. */
const KEPT_BYTES = 16 * 1024;
/** How far into a stream Anthropic's first event is looked for: it is some hundred bytes. */
const FIRST_EVENT_BYTES = 4 * 1024;
/** What counts are called, Gemini's otherwise. Within a string the quotation marks would be escaped. */
const NAME = '"usage"';
const GEMINI_NAME = '"usageMetadata"';
/** A member that is an object of numbers and of objects of them, two levels deep as Anthropic's `iterations` are. */
const MEMBER = /^"usage(?:Metadata)?"\s*:\s*(\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\})/;

/** Keeps the end of a body as it passes, and reads the token counts out of it, without parsing the rest. */
export class UsageTail {
  private chunks: Uint8Array[] = [];
  private size = 0;
  /** What the first event told, once it is kept no longer; undefined: it is kept still. */
  private begun: JsonObject | null | undefined;

  constructor(private readonly operation: Operation) {}

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.size += chunk.byteLength;
    for (;;) {
      const [first] = this.chunks;
      if (first === undefined || this.size - first.byteLength < KEPT_BYTES) return;
      if (this.begun === undefined) this.begun = this.firstCounts();
      this.chunks.shift();
      this.size -= first.byteLength;
    }
  }

  /**
   * The last counts that the body gave; null where it gave none. Anthropic's streams give them in two parts: those of
   * the last event are laid over those of the first.
   */
  read(): Usage | null {
    const begun = this.begun === undefined ? this.firstCounts() : this.begun;
    const text = this.text(this.size);
    const name = this.operation === 'gemini.generate' ? GEMINI_NAME : NAME;
    for (let at = text.lastIndexOf(name); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1)) {
      const last = memberAt(text, at);
      const usage = last && this.usageIn(laidOver(begun, last));
      if (usage) return usage;
    }
    return begun && this.usageIn(begun);
  }

  private firstCounts(): JsonObject | null {
    if (this.operation !== 'anthropic.messages') return null;
    const text = this.text(Math.min(this.size, FIRST_EVENT_BYTES));
    const event = text.indexOf('"message_start"');
    const at = event < 0 ? -1 : text.indexOf(NAME, event);
    return at < 0 ? null : memberAt(text, at);
  }

  private usageIn(counts: JsonObject): Usage | null {
    return usageOf(this.operation, { usage: counts, usageMetadata: counts });
  }

  private text(bytes: number): string {
    return Buffer.concat(this.chunks, bytes).toString('latin1');
  }
}

function memberAt(text: string, at: number): JsonObject | null {
  const [, member] = MEMBER.exec(text.slice(at, at + KEPT_BYTES)) ?? [];
  if (member === undefined) return null;
  try {
    const value = parseJson(member);
    return isJsonObject(value) ? value : null;
  } catch {
    // Not JSON after all.
    return null;
  }
}

function laidOver(begun: JsonObject | null, last: JsonObject): JsonObject {
  if (begun === null) return last;
  const counted = Object.entries(last).filter(([, count]) => count !== null);
  return { ...begun, ...Object.fromEntries(counted) };
}
