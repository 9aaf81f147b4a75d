import { encodeKeyRecord } from '@isartor/shared';
import type { Config } from '../../../../core/src/config/config.ts';
import type { SettingValues } from '../../../../core/src/config/config.schema.ts';

/** What the Worker gets. */
export interface WorkerBindings {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The REST address of a Redis, as the Worker reads it. */
export interface UpstashAddress {
  readonly url: string;
  readonly token: string;
  /** Upstash codes values in base64, the development server does not. */
  readonly base64: boolean;
}

/** The settings that edge and core must agree on, in the form the Worker reads. */
export function workerBindings(
  config: Config,
  values: SettingValues,
  local: { readonly coreUrl: string; readonly upstash: UpstashAddress | undefined; readonly redisTimeoutMs?: string },
): WorkerBindings {
  const { authKeys, gatewayApiKey } = values;
  const { upstash } = local;
  return {
    variables: {
      ISARTOR__CORE_URL: local.coreUrl,
      ISARTOR__AUTH__MODE: config.auth.mode,
      ISARTOR__CACHE_MODE: config.cache.mode,
      ISARTOR__CACHE_TTL_SECS: String(config.cache.ttlSecs),
      ISARTOR__CACHE_NAMESPACE: config.cache.namespace,
      ISARTOR__CACHE_SHARE_USERS: String(config.cache.shareUsers),
      ISARTOR__CACHE_SAMPLED: String(config.cache.sampled),
      ISARTOR__CLOCKS__FIRST_BYTE_SECS: String(
        Math.min(3_600, Math.max(1, Math.ceil(config.clocks.firstByteMs / 1000))),
      ),
      ...(config.corsOrigins.length > 0 && { ISARTOR__CORS_ORIGINS: config.corsOrigins.join(',') }),
      ...(config.monitoring.enabled && {
        ISARTOR__ENABLE_MONITORING: 'true',
        ISARTOR__OTEL_EXPORTER_ENDPOINT: config.monitoring.otelEndpoint,
        ISARTOR__OTEL_SAMPLE_RATIO: String(config.monitoring.sampleRatio),
      }),
      ...(local.redisTimeoutMs !== undefined && { ISARTOR__REDIS_TIMEOUT_MS: local.redisTimeoutMs }),
      ...(upstash !== undefined && {
        UPSTASH_REDIS_REST_URL: upstash.url,
        ISARTOR__UPSTASH_BASE64: String(upstash.base64),
      }),
    },
    secrets: {
      ...(gatewayApiKey !== undefined && { ISARTOR__GATEWAY_API_KEY: gatewayApiKey }),
      ...(authKeys !== undefined && { ISARTOR__AUTH__KEYS: `[${authKeys.map(encodeKeyRecord).join(',')}]` }),
      ...(config.edge.secret !== undefined && { ISARTOR__EDGE_SECRET: config.edge.secret }),
      ...(Object.keys(config.monitoring.otelHeaders).length > 0 && {
        ISARTOR__OTEL_EXPORTER_HEADERS: Object.entries(config.monitoring.otelHeaders)
          .map((header) => header.join('='))
          .join(','),
      }),
      ...(upstash !== undefined && { UPSTASH_REDIS_REST_TOKEN: upstash.token }),
    },
  };
}
