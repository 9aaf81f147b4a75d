import type { LoadFigures } from './load.ts';
import type { Sample } from './samples.ts';
import { slopePerMinute, valleys } from './slope.ts';

/** How much a minute the heap may grow, collected and at rest, in MiB: at 100 requests a second some 40 bytes a request. */
const HEAP_MIB_PER_MINUTE = 0.25;
/** Once in a run: code that is still being compiled, tables that are still growing to their size. */
const HEAP_MIB_ONCE = 2;
/** Resident memory follows the heap's highest mark and comes back late: more a minute, and more once. */
const RESIDENT_MIB_PER_MINUTE = 1;
const RESIDENT_MIB_ONCE = 16;
/** Samples of which the lowest counts. */
const VALLEY = 4;

/** What a soak came to. */
export interface SoakResult {
  readonly seconds: number;
  readonly through: string;
  readonly load: LoadFigures;
  readonly samples: readonly Sample[];
  /** Samples before it do not count for the slopes. */
  readonly warmUpMinutes: number;
  readonly redisRestarts: number;
  readonly purges: number;
  readonly atEnd: {
    readonly inFlight: number;
    readonly sockets: number;
    readonly socketsAtStart: number;
    readonly upstreamBusy: number;
    readonly exitCode: number | null;
  };
  readonly complaints: readonly string[];
}

interface Check {
  readonly name: string;
  readonly figure: string;
  readonly bound: string;
  readonly holds: boolean;
}

/** The report for a terminal, and whether everything holds. */
export function soakReport(result: SoakResult): { readonly text: string; readonly passed: boolean } {
  const checks = checksOf(result);
  const { load, samples } = result;
  const rows = [...load.outcomes].toSorted(([, one], [, other]) => other - one);
  const text = [
    `${load.requests} requests in ${Math.round(result.seconds)} s ${result.through}; Redis was killed and restarted ${result.redisRestarts} times, the tenant purged ${result.purges} times`,
    '',
    ...rows.map(([outcome, count]) => `  ${outcome.padEnd(34)} ${String(count).padStart(9)}`),
    '',
    '  minute   heap MiB   reserved MiB   resident MiB   sockets   loop p99 ms   loop max ms',
    ...thinned(samples).map(sampleRow),
    '',
    ...checks.map(({ name, figure, bound, holds }) => `  ${holds ? 'ok  ' : 'FAIL'} ${name}: ${figure} (${bound})`),
    ...load.faults.map((fault) => `  not injected: ${fault}`),
    ...result.complaints.slice(0, 20).map((line) => `  the core said: ${line}`),
  ].join('\n');
  return { text, passed: checks.every(({ holds }) => holds) };
}

function checksOf({ load, samples, warmUpMinutes, atEnd, complaints }: SoakResult): readonly Check[] {
  const warm = samples.filter(({ minutes }) => minutes >= warmUpMinutes);
  const minutes = Math.max((warm.at(-1)?.minutes ?? 0) - (warm[0]?.minutes ?? 0), 1 / 60);
  const flat = (name: string, perMinute: number, once: number, valueOf: (sample: Sample) => number): Check => {
    const points = warm.map((sample) => ({ minutes: sample.minutes, value: valueOf(sample) }));
    const slope = slopePerMinute(valleys(points, VALLEY));
    const bound = perMinute + once / minutes;
    return {
      name: `${name}, slope after the warm-up`,
      figure: `${slope.toFixed(3)} MiB a minute over ${minutes.toFixed(1)} min, ${warm.length} samples`,
      bound: `at most ${bound.toFixed(2)}: ${perMinute} lasting, ${once} MiB once`,
      holds: warm.length >= 3 * VALLEY && slope <= bound,
    };
  };
  return [
    none('errors that were not injected', load.errors),
    flat('the core’s heap', HEAP_MIB_PER_MINUTE, HEAP_MIB_ONCE, ({ heapMib }) => heapMib),
    flat('the core’s resident memory', RESIDENT_MIB_PER_MINUTE, RESIDENT_MIB_ONCE, ({ residentMib }) => residentMib),
    none('requests in flight at the end', atEnd.inFlight),
    none('calls at the provider at the end', atEnd.upstreamBusy),
    {
      name: 'the core’s sockets at the end',
      figure: String(atEnd.sockets),
      bound: `at the start ${atEnd.socketsAtStart}`,
      holds: atEnd.sockets <= atEnd.socketsAtStart,
    },
    none('errors in the core’s log', complaints.length),
    none('the core’s exit code', atEnd.exitCode ?? -1),
  ];
}

function none(name: string, count: number): Check {
  return { name, figure: String(count), bound: 'must be 0', holds: count === 0 };
}

function sampleRow(sample: Sample): string {
  const cells = [
    sample.minutes.toFixed(1).padStart(8),
    sample.heapMib.toFixed(2).padStart(11),
    sample.reservedMib.toFixed(1).padStart(15),
    sample.residentMib.toFixed(1).padStart(15),
    String(sample.sockets).padStart(10),
    sample.delayP99Ms.toFixed(1).padStart(14),
    sample.delayMaxMs.toFixed(1).padStart(14),
  ];
  return cells.join('');
}

/** At most some twenty rows, the first and the last among them. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const every = Math.ceil(samples.length / 20);
  return samples.filter((_sample, index) => index % every === 0 || index === samples.length - 1);
}
