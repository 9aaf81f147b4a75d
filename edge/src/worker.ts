import { env } from 'cloudflare:workers';
import { Hono } from 'hono';
import { AskMemory } from './ask-memory.ts';
import { coloCache } from './colo-cache.ts';
import { CoreHealth } from './core-health.ts';
import { cors } from './cors.ts';
import type { EdgeEnv, EdgeRuntime } from './edge-context.ts';
import { readSettings } from './env.ts';
import type { Settings } from './env.ts';
import { errorResponse } from './error-response.ts';
import { forwardToCore } from './forward-to-core.ts';
import { GuardedReader } from './guarded-reader.ts';
import { HitReports, hitReports } from './hit-reports.ts';
import { l0Auth } from './l0-auth.ts';
import { l1aExactCache } from './l1a-exact-cache.ts';
import { withMemory } from './memory-copies.ts';
import { readiness } from './readiness.ts';
import { redisWait } from './redis-wait.ts';
import { RedisKeys } from './redis-keys.ts';
import { requestId } from './request-id.ts';
import { requestLog, writeLine } from './request-log.ts';
import { route } from './route.ts';
import { TenantRulesMemory } from './tenant-rules.ts';
import { inSpan, tracing } from './trace/tracing.ts';
import { upstashCache } from './upstash-cache.ts';

/** The path of a request through the edge, in order. */
export function createEdge(settings: Settings, runtime: EdgeRuntime): Hono<EdgeEnv> {
  const { now } = runtime;
  const { upstash, cacheNamespace, cacheTimeoutMs } = settings;
  const redis = upstash === undefined ? undefined : new GuardedReader(upstashCache(upstash), cacheTimeoutMs, now);
  const redisKeys = redis === undefined ? undefined : new RedisKeys(redis, cacheNamespace, now);
  const colo = withMemory(coloCache(cacheNamespace, cacheTimeoutMs), now);
  const asks = new AskMemory();
  const rules = new TenantRulesMemory();
  const cores = new CoreHealth(settings.coreUrls, now);

  const edge = new Hono<EdgeEnv>();
  edge.use(requestId());
  edge.use(requestLog(runtime));
  if (settings.otlp !== undefined) edge.use(tracing(settings.otlp, now));
  edge.use(redisWait(cacheTimeoutMs, now));
  if (settings.corsOrigins.length > 0) edge.use(cors(settings.corsOrigins));
  edge.use(route(readiness(redis, cores)));
  edge.use(inSpan('l0', l0Auth({ settings, redisKeys, now })));
  if (settings.edgeSecret !== undefined) {
    edge.use(hitReports(new HitReports(settings.coreUrls, settings.edgeSecret, now)));
  }
  edge.use(inSpan('l1a', l1aExactCache({ settings, asks, colo, redis, rules, now })));
  edge.use(inSpan('core', forwardToCore({ settings, cores, now })));
  edge.onError(errorResponse(runtime));
  return edge;
}

/** Read when the isolate starts: a fault in the settings stops the Worker there, not at its first request. */
const settings = readSettings(env);

export default createEdge(settings, { now: () => Date.now(), log: writeLine });
