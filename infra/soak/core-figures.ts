import { isRecord } from '../local/src/stack/is-record.ts';

/** What the core's process holds after a collection. */
export interface CoreFigures {
  readonly kind: 'figures';
  /** The heap, and what lies outside it (buffers). */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** What V8 has reserved for the heap, in use or not. */
  readonly reservedBytes: number;
  /** Open TCP connections, not those that listen. */
  readonly sockets: number;
  /** Timers that keep the process running. */
  readonly timers: number;
}

/** Is this what core-probe.preload.ts sends? */
export function isCoreFigures(value: unknown): value is CoreFigures {
  return isRecord(value) && value['kind'] === 'figures' && typeof value['heapBytes'] === 'number';
}
