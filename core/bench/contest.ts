import type { LoadGenerator, LoadOrder, LoadResult } from './load.ts';
import { median } from './median.ts';
import { cpuMs } from './process-tree.ts';
import type { Aim, Row } from './row.ts';

/** One that is measured: where it listens, and the process whose tree does the work. */
export interface Contestant {
  readonly name: string;
  readonly origin: string;
  readonly path: string;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly expect?: LoadOrder['expect'];
}

/** What every contestant is asked to do in each round. */
export interface Shape {
  readonly name: string;
  readonly prompts: LoadOrder['prompts'];
  readonly stream: LoadOrder['stream'];
  readonly connections: number;
}

/** How long and how often. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Questions that a semantic cache is filled with. */
  readonly entries: number;
}

/** One load on one contestant, and the CPU time a request of it took. */
export interface Measurement extends LoadResult {
  readonly cpuUs: number;
}

/** The measurements of a contest, by contestant and shape, one for each round. */
export class Measurements {
  private readonly taken = new Map<string, Measurement[]>();

  add(contestant: string, shape: string, measurement: Measurement): void {
    const key = `${contestant}\n${shape}`;
    const rounds = this.taken.get(key);
    if (rounds === undefined) this.taken.set(key, [measurement]);
    else rounds.push(measurement);
  }

  of(contestant: string, shape: string, figure: (measurement: Measurement) => number): number[] {
    return (this.taken.get(`${contestant}\n${shape}`) ?? []).map(figure);
  }
}

/** Warms all contestants up, then asks them in turn, round by round; every other round in reverse. */
export async function contest(
  load: LoadGenerator,
  contestants: readonly Contestant[],
  shapes: readonly Shape[],
  plan: Plan,
): Promise<Measurements> {
  const measurements = new Measurements();
  for (const contestant of contestants) {
    for (const shape of shapes) await ask(load, contestant, shape, plan.warmUpSeconds);
  }
  for (let round = 0; round < plan.rounds; round += 1) {
    const inTurn = round % 2 === 0 ? contestants : contestants.toReversed();
    for (const shape of shapes) {
      for (const contestant of inTurn) {
        const measurement = await measure(load, contestant, shape, plan.seconds);
        measurements.add(contestant.name, shape.name, measurement);
      }
    }
  }
  return measurements;
}

async function measure(
  load: LoadGenerator,
  contestant: Contestant,
  shape: Shape,
  seconds: number,
): Promise<Measurement> {
  const { pid } = contestant;
  const before = cpuMs(pid);
  const result = await ask(load, contestant, shape, seconds);
  // A client that gives up and comes again would flatter whoever refuses quickly.
  if (result.bad > result.requests / 100) {
    throw new Error(
      `${contestant.name}: ${result.bad} of ${result.bad + result.requests} answers were not as expected`,
    );
  }
  return { ...result, cpuUs: ((cpuMs(pid) - before) * 1000) / result.requests };
}

function ask(load: LoadGenerator, contestant: Contestant, shape: Shape, seconds: number): Promise<LoadResult> {
  const { origin, path, headers, expect } = contestant;
  const { prompts, stream, connections } = shape;
  return load.run({ origin, path, headers, expect, prompts, stream, connections, seconds });
}

/** What of a contest makes a row. */
export interface RowSpec {
  readonly id: string;
  readonly what: string;
  readonly shape: string;
  readonly unit: string;
  readonly better: Row['better'];
  readonly figure: (measurement: Measurement) => number;
  readonly aim?: Aim;
  readonly checked?: Row['checked'];
  /** False where a tree's CPU says nothing: the other side does other work. */
  readonly cpu?: boolean;
}

/** The row of two contestants. */
export function rowOf(measurements: Measurements, ours: string, theirs: string, spec: RowSpec): Row {
  const { id, what, unit, better, shape, aim, checked } = spec;
  const pair = (figure: RowSpec['figure']): Pick<Row, 'ours' | 'theirs' | 'ratio'> => {
    const left = measurements.of(ours, shape, figure);
    const right = measurements.of(theirs, shape, figure);
    const ratios = left.map((value, round) => value / (right[round] ?? Number.NaN));
    return { ours: median(left), theirs: median(right), ratio: median(ratios) };
  };
  return {
    id,
    what,
    against: theirs,
    unit,
    ...pair(spec.figure),
    ...(spec.cpu === false ? {} : { cpu: pair(({ cpuUs }) => cpuUs) }),
    better,
    ...(aim === undefined ? {} : { aim }),
    ...(checked === undefined ? {} : { checked }),
  };
}
