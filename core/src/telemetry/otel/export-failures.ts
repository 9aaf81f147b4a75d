import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { Logger } from '../log.ts';

/** A collector that is away for an hour is worth sixty lines. */
const TOLD_EVERY_MS = 60_000;

/** Tells the log that telemetry does not get through, or is made faster than it does, at most once a minute each; and when it does again. */
export class ExportFailures {
  private lost = 0;
  private toldAt = Number.NEGATIVE_INFINITY;
  private dropped = 0;
  private droppedToldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly log: Logger,
    /** `spans`, `metrics`. */
    private readonly what: string,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Notes what became of a batch of `count`. */
  note(result: ExportResult, count: number): void {
    if (result.code === ExportResultCode.SUCCESS) {
      if (this.lost > 0) this.log.info({ lost: this.lost }, `the collector takes ${this.what} again`);
      this.lost = 0;
      this.toldAt = Number.NEGATIVE_INFINITY;
      return;
    }
    this.lost += count;
    if (this.nowMs() - this.toldAt < TOLD_EVERY_MS) return;
    this.toldAt = this.nowMs();
    this.log.warn({ lost: this.lost, reason: reasonOf(result.error) }, `the collector does not take ${this.what}`);
  }

  /** Notes that there was no room for one more. */
  drop(): void {
    this.dropped += 1;
    if (this.nowMs() - this.droppedToldAt < TOLD_EVERY_MS) return;
    this.droppedToldAt = this.nowMs();
    this.log.warn({ dropped: this.dropped }, `there are more ${this.what} than the collector takes in time`);
  }
}

/** A code where there is one: messages of clients hold addresses, and whatever a collector wrote. */
function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'unknown';
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${code}` : error.name;
}
