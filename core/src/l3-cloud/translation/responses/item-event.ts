import type { JsonObject } from '@isartor/shared';

/** An event's type, and its members but for the number. */
export type ItemEvent = readonly [type: string, members: JsonObject];

/** How an item ended. */
export type ItemStatus = 'completed' | 'incomplete';

/** An item of an output, as it becomes whole. */
export interface GrowingItem {
  readonly index: number;
  /** Tells the rest of it. After that it does not change. */
  close(status: ItemStatus): ItemEvent[];
  /** As the whole output tells it, once closed. */
  readonly whole: JsonObject;
}

/** The event that tells of an item for the first time. */
export function added(index: number, item: JsonObject): ItemEvent {
  return ['response.output_item.added', { output_index: index, item }];
}

/** The event that tells a whole item. */
export function done(index: number, item: JsonObject): ItemEvent {
  return ['response.output_item.done', { output_index: index, item }];
}
