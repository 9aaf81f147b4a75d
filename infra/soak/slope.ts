/** A figure at a time, in minutes. */
export interface Point {
  readonly minutes: number;
  readonly value: number;
}

/** The slope of the least-squares line through the points, in units a minute; 0 for fewer than two. */
export function slopePerMinute(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number => points.reduce((sum, one) => sum + of(one), 0) / points.length;
  const [at, height] = [mean(({ minutes }) => minutes), mean(({ value }) => value)];
  const spread = points.reduce((sum, { minutes }) => sum + (minutes - at) ** 2, 0);
  if (points.length < 2 || spread === 0) return 0;
  return points.reduce((sum, { minutes, value }) => sum + (minutes - at) * (value - height), 0) / spread;
}

/**
 * The lowest of every `size` points in a row, without those left over. A heap rises until it is collected: only what is
 * left behind says what is kept, and a short run's line through all of it says mostly where the run ended.
 */
export function valleys(points: readonly Point[], size: number): Point[] {
  return Array.from({ length: Math.floor(points.length / size) }, (_, at) =>
    points.slice(at * size, (at + 1) * size).reduce((low, one) => (one.value < low.value ? one : low)),
  );
}
