import { costOf, PRICES_AS_OF } from '@isartor/shared';
import type { Measurement } from './measure.ts';
import { percentile } from './percentile.ts';

/** The figures of one layer. */
interface LayerFigures {
  readonly layer: string;
  readonly requests: number;
  /** Of all requests that were answered, from 0 to 1. */
  readonly share: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** The closing figures of a demo. */
export interface DemoReport {
  readonly v: 1;
  readonly requests: number;
  readonly failed: number;
  readonly streams: number;
  readonly layers: readonly LayerFigures[];
  /** Answered before the cloud, of all that were answered: from 0 to 1. */
  readonly deflectedShare: number;
  readonly edgeHits: number;
  readonly tokensNotSpent: { readonly input: number; readonly output: number };
  /** US dollars by list prices: an estimate. */
  readonly usdNotSpent: number;
  readonly usdSpent: number;
  /** The model whose prices were taken, and of when they are. */
  readonly pricedAs: string;
  readonly pricesAsOf: string;
  /** Is the model priced in place of a stand-in that costs nothing? */
  readonly asIf: boolean;
  readonly seconds: number;
}

/** Sums up. @param pricing the model whose prices count */
export function reportOf(
  measurements: readonly Measurement[],
  pricing: { readonly model: string; readonly asIf: boolean },
  seconds: number,
): DemoReport {
  const answered = measurements.filter((one) => one.error === undefined);
  const deflected = answered.filter((one) => one.deflected);
  const names = [...new Set(answered.map((one) => one.layer))].toSorted();
  const cost = (one: Measurement): number => costOf(pricing.model, one.usage);
  return {
    v: 1,
    requests: measurements.length,
    failed: measurements.length - answered.length,
    streams: measurements.filter((one) => one.stream).length,
    layers: names.map((layer) => {
      const times = answered.filter((one) => one.layer === layer).map((one) => one.ms);
      return {
        layer,
        requests: times.length,
        share: times.length / answered.length,
        p50Ms: percentile(times, 0.5) ?? 0,
        p95Ms: percentile(times, 0.95) ?? 0,
      };
    }),
    deflectedShare: answered.length === 0 ? 0 : deflected.length / answered.length,
    edgeHits: answered.filter((one) => one.edge === 'hit').length,
    tokensNotSpent: {
      input: sum(deflected, (one) => one.usage?.input ?? 0),
      output: sum(deflected, (one) => one.usage?.output ?? 0),
    },
    usdNotSpent: sum(deflected, cost),
    usdSpent: sum(
      answered.filter((one) => !one.deflected),
      cost,
    ),
    pricedAs: pricing.model,
    pricesAsOf: PRICES_AS_OF,
    asIf: pricing.asIf,
    seconds,
  };
}

function sum(of: readonly Measurement[], value: (one: Measurement) => number): number {
  return of.reduce((total, one) => total + value(one), 0);
}
