import type { LayerName, SseFrame, StoredEntry, StoredEntryMeta, Usage } from '@isartor/shared';
import type { Trail } from './request-context.ts';

/**
 * What carries an answer to the client.
 * - `bytes`: the whole body, held in memory.
 * - `parts`: a plain body too long to hold; its pieces in order. Never stored.
 * - `events`: a stream. Each item is a batch of frames that arrived together; a frame is one whole SSE event, or a
 *   piece of one that is too long to hold (then `whole` is false).
 */
export type AnswerBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parts'; readonly parts: AsyncIterable<Uint8Array> }
  | { readonly kind: 'events'; readonly events: AsyncIterable<readonly SseFrame[]> };

/** What a layer answers, and where it came from. */
export interface Answer {
  readonly status: number;
  /** Headers for the client, lower-case: the allowed ones of the provider, or those of the stored entry. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
  /** The layer that answers this request. */
  readonly layer: LayerName;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** What the model reported; null where it reported nothing, absent where it is not known yet (a stream). */
  readonly usage?: Usage | null | undefined;
  /** Where a stream's usage stands once its call is over, for whoever shares it. */
  readonly usageLater?: Readonly<Pick<Trail, 'usage'>> | undefined;
  /** The rule that keeps this answer out of every cache; null when it was judged and may be stored; absent: not judged. */
  readonly unstorable?: string | null | undefined;
  /** The model that gave it stands in for the configured one: what is stored of it is good only as long as it does. */
  readonly standIn?: string | undefined;
  /** The stream carries a usage chunk that the client did not ask for. */
  readonly hidesUsage?: boolean | undefined;
  /** Age of a stored answer in whole seconds. */
  readonly ageSecs?: number | undefined;
  /** The metadata of the entry that holds this very body under this request's key. */
  readonly stored?: StoredEntryMeta | undefined;
  /** The stored entry of another request that this answer was copied from, and its digest. */
  readonly copied?: { readonly digest: string; readonly entry: StoredEntry } | undefined;
  /** To be called once this answer is stored under its request's own key, and not when it never is. Does not throw. */
  readonly onStored?: ((meta: StoredEntryMeta) => void) | undefined;
  /** What was decided about the small model on the way to this answer, as in `x-isartor-route`; for whoever shares it. */
  readonly route?: string | undefined;
  /** The core answers in an upstream's name: a refusal or a failure that the edge must not try elsewhere. */
  readonly upstreamFault?: boolean | undefined;
}
