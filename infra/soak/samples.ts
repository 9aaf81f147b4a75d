import { readFileSync } from 'node:fs';
import type { CoreFigures } from './core-figures.ts';
import type { SoakStack } from './soak-stack.ts';

const MIB = 1024 * 1024;

/** The core at rest, at one moment. */
export interface Sample {
  readonly minutes: number;
  readonly heapMib: number;
  /** Resident memory that is the process's own: what a container is killed for. Where it is not told, all of it. */
  readonly residentMib: number;
  /** What V8 has reserved for its heap, in use or not. */
  readonly reservedMib: number;
  readonly sockets: number;
  /** Of the event loop since the sample before, in ms. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

/** Takes a sample. The collection that belongs to it is not counted as a delay. */
export async function takeSample(stack: SoakStack, minutes: number): Promise<Sample> {
  const metrics = await stack.metrics();
  const figures = await stack.figures();
  await stack.metrics();
  return {
    minutes,
    heapMib: figures.heapBytes / MIB,
    residentMib: residentMib(stack.corePid, figures),
    reservedMib: figures.reservedBytes / MIB,
    sockets: figures.sockets,
    delayP99Ms: delayMs(metrics, '0.99'),
    delayMaxMs: delayMs(metrics, '1'),
  };
}

/** Of `/metrics`. */
export function requestsInFlight(metrics: string): number {
  return Number(/^isartor_requests_in_flight (\S+)/m.exec(metrics)?.[1] ?? Number.NaN);
}

function delayMs(metrics: string, quantile: string): number {
  const line = new RegExp(`^isartor_event_loop_delay_seconds\\{quantile="${quantile}"\\} (\\S+)`, 'm').exec(metrics);
  return Number(line?.[1] ?? Number.NaN) * 1_000;
}

function residentMib(pid: number | undefined, figures: CoreFigures): number {
  try {
    const kib = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) / 1024;
  } catch {
    // Only Linux has /proc.
  }
  return figures.residentBytes / MIB;
}
