/** The value of `server-timing`: a figure per layer, in milliseconds. */
export function serverTiming(timings: readonly (readonly [name: string, ms: number])[]): string {
  return timings.map(([name, ms]) => `${name};dur=${Math.max(0, Math.round(ms))}`).join(', ');
}
