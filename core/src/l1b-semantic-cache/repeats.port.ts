import type { StoredEntryMeta } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';

/** Tells of requests that were answered by what was stored for the very same request. */
export interface Repeats {
  listen(listener: (context: RequestContext, meta: StoredEntryMeta) => void): void;
}

/** Token of who tells. */
export const Repeats = Symbol('Repeats');
