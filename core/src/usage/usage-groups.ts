/** By what usage is told apart, in the order of the columns. */
export const USAGE_GROUPS = ['hour', 'day', 'tenant', 'key', 'model', 'layer'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];
