import { HOUR_MS, type UsageEvent, type UsageLedger, type UsageRange, type UsageRow } from '../usage-ledger.port.ts';
import { UsageTally } from '../usage-tally.ts';

/** How a ledger keeps what it is told. */
export interface MemoryUsageLedgerOptions {
  readonly keepHours: number;
  /** Unix milliseconds. */
  readonly nowMs?: (() => number) | undefined;
}

/** What this process's requests used; it lives and dies with the process. */
export class MemoryUsageLedger implements UsageLedger {
  readonly of = 'memory';
  private readonly tally = new UsageTally();
  private readonly nowMs: () => number;
  private lastHour = 0;

  constructor(private readonly options: MemoryUsageLedgerOptions) {
    this.nowMs = options.nowMs ?? Date.now;
  }

  add(event: UsageEvent): void {
    const hour = Math.floor(this.nowMs() / HOUR_MS);
    if (hour !== this.lastHour) {
      this.lastHour = hour;
      this.tally.dropBefore(hour - this.options.keepHours);
    }
    this.tally.add(hour, event);
  }

  read({ fromHour, toHour, tenant }: UsageRange): Promise<readonly UsageRow[]> {
    const isAsked = (row: UsageRow): boolean =>
      row.hour >= fromHour && row.hour <= toHour && (tenant === undefined || row.tenant === tenant);
    return Promise.resolve(this.tally.all().filter(isAsked));
  }

  /** Nothing to begin. */
  start(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
