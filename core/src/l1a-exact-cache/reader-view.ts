import { skippedLayers, type ReaderView, type TenantRecord } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { CachePlan } from './cache-plan.ts';
import type { ExactCacheLayerSettings } from './exact-cache-settings.ts';

/** What a request knows when it looks at the entry that is stored under its own key. */
export function readerView(
  context: RequestContext,
  plan: CachePlan,
  settings: ExactCacheLayerSettings,
  record: TenantRecord | undefined,
  now = Date.now(),
): ReaderView {
  return {
    now,
    digest: context.digest,
    record,
    policy: settings.policy,
    standIns: settings.standIns,
    maxTtlSecs: settings.ttlSecs,
    requestTtlSecs: plan.ttlSecs,
    skipped: skippedLayers(context.principal, context.directives, settings.disabledLayers),
    wantsStream: context.request.stream,
    wantsUsage: context.wantsUsage,
  };
}
