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
