import {
  accessSync,
  constants,
  createWriteStream,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { join } from 'node:path';
import { LineBuffer } from '../telemetry/line-buffer.ts';

const NAME = /^requests-(\d{4}-\d{2}-\d{2})-(\d{4,})\.jsonl$/;
const DAY_MS = 86_400_000;

/** Bounds of what is kept. */
export interface RecordFileBounds {
  readonly dir: string;
  /** A file is followed by another one past this, in bytes. */
  readonly fileBytes: number;
  /** The oldest files go past this, in bytes, all together. */
  readonly totalBytes: number;
  readonly keepDays: number;
}

/** Files of lines in one folder, readable by their owner alone: a new one a day and a size; old ones are removed. */
export class RecordFiles {
  private file:
    { readonly day: string; readonly lines: LineBuffer; readonly stream: WriteStream; bytes: number } | undefined;

  private told: string | undefined;
  private number = 0;

  /** @throws where the folder cannot be made or written: who asked for the record should know at the start. */
  constructor(
    private readonly bounds: RecordFileBounds,
    private readonly onFault: (code: string) => void,
    private readonly unixMs: () => number = Date.now,
  ) {
    try {
      mkdirSync(bounds.dir, { recursive: true, mode: 0o700 });
      accessSync(bounds.dir, constants.W_OK);
      this.prune();
    } catch (cause) {
      const remedy = 'let the core write there (in a container: mount a volume), or leave request_log.dir out';
      throw new Error(`request_log.dir: the folder cannot be used (${codeOf(cause)}): ${remedy}.`, { cause });
    }
  }

  /** Adds a line, its newline not included. A disk that is slow or full costs lines and nothing else. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    const day = dayOf(this.unixMs());
    if (this.file === undefined || this.file.day !== day || this.file.bytes + bytes > this.bounds.fileBytes) {
      this.tryToBegin(day);
    }
    if (this.file === undefined) return;
    this.file.bytes += bytes;
    this.file.lines.write(`${line}\n`);
  }

  /** Writes what is held. */
  async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    if (file === undefined) return;
    file.lines.flush();
    await new Promise<void>((resolve) => file.stream.once('error', () => resolve()).end(() => resolve()));
  }

  private tryToBegin(day: string): void {
    try {
      this.begin(day);
    } catch (error) {
      this.fault(error);
    }
  }

  /** Told once until another fault comes. */
  private fault(error: unknown): void {
    const code = codeOf(error);
    if (code !== this.told) this.onFault(code);
    this.told = code;
    this.file = undefined;
  }

  private begin(day: string): void {
    void this.close();
    this.prune();
    // A file that was begun just now may not be there yet.
    this.number = Math.max(this.number, ...this.list().map(({ number }) => number)) + 1;
    const name = `requests-${day}-${String(this.number).padStart(4, '0')}.jsonl`;
    const stream = createWriteStream(join(this.bounds.dir, name), { flags: 'ax', mode: 0o600 });
    stream.on('error', (error) => this.fault(error));
    this.file = { day, stream, lines: new LineBuffer(stream), bytes: 0 };
  }

  /** The newest are kept, as far as days and bytes allow. */
  private prune(): void {
    const oldest = dayOf(this.unixMs() - this.bounds.keepDays * DAY_MS);
    let left = this.bounds.totalBytes - this.bounds.fileBytes;
    for (const { name, day, bytes } of this.list().toReversed()) {
      left -= bytes;
      if (day < oldest || left < 0) rmSync(join(this.bounds.dir, name), { force: true });
    }
  }

  /** Ours alone, the oldest first. */
  private list() {
    return readdirSync(this.bounds.dir)
      .flatMap((name) => {
        const [, day, number] = NAME.exec(name) ?? [];
        if (day === undefined) return [];
        const bytes = statSync(join(this.bounds.dir, name), { throwIfNoEntry: false })?.size ?? 0;
        return [{ name, day, number: Number(number), bytes }];
      })
      .toSorted((a, b) => a.number - b.number);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function dayOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}
