import type { Writable } from 'node:stream';

/** Lines held while their reader is behind, in characters; past it they are dropped and counted. */
const MAX_HELD = 1024 * 1024;

/**
 * Gathers the lines of one turn of the event loop into one write. A reader that is slow, or gone, costs lines and
 * nothing else.
 */
export class LineBuffer {
  private held = '';
  private dropped = 0;
  private scheduled = false;

  constructor(private readonly out: Writable) {
    if (out.listenerCount('error') === 0) out.on('error', () => undefined);
  }

  /** Takes one line, its newline included. */
  write(line: string): void {
    if (this.held.length + line.length > MAX_HELD) {
      this.dropped += 1;
      return;
    }
    this.held += line;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Writes what is held, now. */
  flush(): void {
    this.scheduled = false;
    if (this.out.writableNeedDrain) {
      this.out.once('drain', () => this.flush());
      this.scheduled = true;
      return;
    }
    const lost =
      this.dropped === 0 ? '' : `${JSON.stringify({ level: 40, msg: 'log lines dropped', count: this.dropped })}\n`;
    const text = this.held + lost;
    this.held = '';
    this.dropped = 0;
    if (text !== '') this.out.write(text);
  }
}
