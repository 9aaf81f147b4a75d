import type { StoredEntryMeta } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';

type Listener = (context: RequestContext, meta: StoredEntryMeta) => void;

/** Tells whoever wants to know which requests the exact cache answers: a layer below never sees them. */
export class ExactHits {
  private listener: Listener | undefined;

  /** One listener; it must not throw, and is on the hot path. */
  listen(listener: Listener): void {
    this.listener = listener;
  }

  tell(context: RequestContext, meta: StoredEntryMeta): void {
    this.listener?.(context, meta);
  }
}
