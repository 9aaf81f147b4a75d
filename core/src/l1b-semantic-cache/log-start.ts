import type { Logger } from '../telemetry/log.ts';
import type { SemanticCacheReport } from './semantic-cache-health.ts';
import type { SemanticLookup } from './semantic-lookup.ts';

/** What of a lookup is told at the start. */
export type StartedLookup = Pick<SemanticLookup, 'settings' | 'calibrated' | 'measuredWrong'>;

/** Says once how the semantic cache stands, how often it is wrong, and what of its settings makes that worse. */
export function logStart(log: Logger, report: SemanticCacheReport, lookup: StartedLookup): void {
  const { threshold, point } = lookup.settings;
  if (report.status === 'down') log.info(report, 'the semantic cache (L1b) is not available');
  else log.info({ ...report, threshold, point }, `the semantic cache (L1b) is on; ${toldPoint(lookup)}`);
  const { calibrated } = lookup;
  // Whatever is down now may be up soon.
  if (calibrated !== undefined && threshold < calibrated) {
    log.warn(
      { threshold, calibrated },
      'semantic_cache.similarity_threshold is below what this embedder is calibrated for: more answers will be wrong',
    );
  }
}

function toldPoint({ settings: { point }, measuredWrong }: StartedLookup): string {
  if (measuredWrong === undefined) return `at its point ${point} the share of wrong hits is not measured by reading`;
  const { share, upper } = measuredWrong;
  return `at its point ${point}, ${percent(share)} of the hits that were read were wrong (upper 95 % bound ${percent(upper)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
