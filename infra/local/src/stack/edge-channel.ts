import type { HostPort } from './host-port.ts';
import { isRecord } from './is-record.ts';
import type { WorkerBindings } from './worker-bindings.ts';

/** What the supervisor sends to the edge's process, once. */
export interface EdgeOrder {
  readonly configFile: string;
  readonly listen: HostPort;
  readonly worker: WorkerBindings;
}

/** What comes back. */
export type EdgeReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'log'; readonly level: string; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string };

/** Is this a message of the edge's process? */
export function isEdgeReport(value: unknown): value is EdgeReport {
  if (!isRecord(value)) return false;
  const { kind, level, message } = value;
  return (
    kind === 'ready' ||
    (kind === 'fault' && typeof message === 'string') ||
    (kind === 'log' && typeof level === 'string' && typeof message === 'string')
  );
}
