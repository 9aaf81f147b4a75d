/**
 * The value below which a share of all values lies, by the nearest-rank method (the result is one of the values).
 * @param share from 0 to 1
 * @returns undefined when there are no values
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
