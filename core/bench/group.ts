import type { Plan } from './contest.ts';
import type { LoadGenerator } from './load.ts';
import type { Row } from './row.ts';

/** What a group of rows is measured with. */
export interface Bench {
  readonly load: LoadGenerator;
  readonly plan: Plan;
  readonly upstreamUrl: string;
  readonly upstreamPid: number;
  /** Whether other products take part; a check against the committed figures needs only the bare ones. */
  readonly peers: boolean;
  /** Says in one line what is left out and why. */
  skip(line: string): void;
  /** Has something ended when the group is done, the last first. */
  defer(stop: () => Promise<void>): void;
}

/** Rows that are measured together. */
export type Group = (bench: Bench) => Promise<Row[]>;
