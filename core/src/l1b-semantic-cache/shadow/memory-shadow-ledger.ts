import { REPORT_DAYS, type ShadowFinding, type ShadowLedger, type ShadowReport } from './shadow-ledger.port.ts';
import { ShadowTally } from './shadow-tally.ts';

const DAY_MS = 86_400_000;

/** How a ledger keeps what it is told. */
export interface ShadowLedgerOptions {
  /** Whether the texts of the riskiest pairs are kept. */
  readonly keepsTexts: boolean;
  /** Unix milliseconds. */
  readonly nowMs?: (() => number) | undefined;
}

/** What this process's shadow found; it lives and dies with the process. */
export class MemoryShadowLedger implements ShadowLedger {
  private days = new Map<string, ShadowTally>();
  private readonly nowMs: () => number;

  constructor(private readonly options: ShadowLedgerOptions) {
    this.nowMs = options.nowMs ?? Date.now;
  }

  record(finding: ShadowFinding): void {
    const today = dayOf(this.nowMs());
    let tally = this.days.get(today);
    if (tally === undefined) {
      tally = new ShadowTally(this.options.keepsTexts);
      const kept = lastDays(this.nowMs());
      this.days = new Map([...this.days].filter(([day]) => kept.includes(day)));
      this.days.set(today, tally);
    }
    tally.add(finding);
  }

  report(): Promise<ShadowReport> {
    const days = lastDays(this.nowMs());
    return Promise.resolve(
      reportOf(
        days,
        days.map((day) => this.days.get(day)).filter((tally) => tally !== undefined),
      ),
    );
  }

  /** What was found since the last time, by day. */
  take(): ReadonlyMap<string, ShadowTally> {
    const taken = this.days;
    this.days = new Map();
    return taken;
  }

  /** Nothing to begin. */
  start(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The days of a report, the first first: `2026-03-01`. */
export function lastDays(nowMs: number): readonly string[] {
  return Array.from({ length: REPORT_DAYS }, (_, ago) => dayOf(nowMs - (REPORT_DAYS - 1 - ago) * DAY_MS));
}

/** What days add up to. */
export function reportOf(days: readonly string[], tallies: readonly ShadowTally[]): ShadowReport {
  const sum = new ShadowTally();
  for (const tally of tallies) sum.merge(tally);
  return { from: days[0] ?? '', to: days.at(-1) ?? '', groups: sum.all(), riskiest: sum.riskiest() };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
