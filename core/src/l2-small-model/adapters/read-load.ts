import type { ServerLoad } from '../model-backend.port.ts';

/** What a kind of server calls its figures, in the order in which they are looked for. */
export interface LoadNames {
  readonly queued: readonly string[];
  readonly cacheUse: readonly string[];
}

/** A sample in Prometheus' text form: name, labels, value, time stamp (https://prometheus.io/docs/instrumenting/exposition_formats/). */
const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{[^\n]*\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;

/**
 * A server's load out of what it tells Prometheus; undefined where it does not tell how many are waiting. What several
 * engines of one server tell is added up (the waiting) or the worst of it is taken (the cache).
 */
export function readLoad(text: string, names: LoadNames): ServerLoad | undefined {
  const wanted = new Set([...names.queued, ...names.cacheUse]);
  const found = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const [, name = '', digits = ''] = SAMPLE.exec(line) ?? [];
    const value = Number(digits);
    if (!wanted.has(name) || !Number.isFinite(value) || value < 0) continue;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  const first = (list: readonly string[]) => list.map((name) => found.get(name)).find((values) => values !== undefined);
  const queued = first(names.queued);
  const cacheUse = first(names.cacheUse);
  if (queued === undefined) return undefined;
  return {
    queued: queued.reduce((sum, value) => sum + value, 0),
    cacheUse: cacheUse === undefined ? undefined : Math.min(1, Math.max(...cacheUse)),
  };
}
