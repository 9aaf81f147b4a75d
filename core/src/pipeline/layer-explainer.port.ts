import type { JsonValue, LayerName, StoredEntry, TenantRecord } from '@isartor/shared';
import type { RequestContext } from './request-context.ts';

/** What the store of answers has for a request, or why it could not be read. */
export type StoreReading =
  { readonly record: TenantRecord | undefined; readonly entry: StoredEntry | undefined } | { readonly fault: string };

/** What a layer would do with a request. */
export interface LayerExplanation {
  readonly layer: LayerName;
  /** `ask`: whether it answers is known only to a model that it would ask. */
  readonly would: 'answer' | 'pass on' | 'ask' | 'refuse';
  /** A sentence, for whoever sent the request. */
  readonly why: string;
  /** What else it would go by. Nothing of another request's text. */
  readonly [detail: string]: JsonValue;
}

/** Says what a layer would do. Calls nobody outside of this process but the store, changes nothing and counts nothing. */
export interface LayerExplainer {
  readonly name: LayerName;
  explain(context: RequestContext, reading: StoreReading): Promise<LayerExplanation>;
}
