/** The layers in the order in which a request walks them; the same words name folders, headers, metrics and logs. */
export const LAYER_NAMES = ['l0', 'l1a', 'l1b', 'l2', 'l3'] as const;
export type LayerName = (typeof LAYER_NAMES)[number];

/** The layers that a request may skip by `x-isartor-bypass`. */
export const SKIPPABLE_LAYERS = ['l1a', 'l1b', 'l2'] as const;
export type SkippableLayer = (typeof SKIPPABLE_LAYERS)[number];

/** Whether a text from outside names a layer. */
export function isLayerName(text: unknown): text is LayerName {
  return LAYER_NAMES.some((name) => name === text);
}
