import { gatewayKey, type KeyRecord, type ModelPrice } from '@isartor/shared';
import type { AzureIdentity } from './azure-identity.ts';
import type { SettingKey, SettingValues } from './config.schema.ts';
import type { ModelRoute } from './model-route-list-type.ts';
import { llmOf, providersOf, type LlmConfig, type ProviderConfig } from './provider-config.ts';
import type { ListedRoute } from './route-list-type.ts';
import { sha256Hex } from '../sha256-hex.ts';

/** One Redis. */
interface RedisConfig {
  /** `redis://…` or `rediss://…`, credentials in it where there are any, no database. */
  readonly url: string;
  readonly db: number;
  /** How long one command may take before the request goes on without Redis, in milliseconds. */
  readonly timeoutMs: number;
}

/** Everything that may differ between two installations: read once at the start, checked, and frozen in depth. */
export interface Config {
  /** Address or name to listen on; IPv6 without brackets. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** 0: no metrics. */
  readonly metricsPort: number;
  readonly auth: {
    /** `off`: everyone is tenant `default`. */
    readonly mode: SettingValues['authMode'];
    /** All keys, the gateway key among them. */
    readonly keys: readonly KeyRecord[];
  };
  readonly edge: {
    readonly secret: string | undefined;
    /** Refuse every caller that does not prove the secret; only ever true with a secret. */
    readonly only: boolean;
  };
  /** Undefined: no admin routes. */
  readonly adminKey: string | undefined;
  readonly cache: {
    readonly mode: SettingValues['cacheMode'];
    readonly backend: SettingValues['cacheBackend'];
    readonly ttlSecs: number;
    readonly staleSecs: number;
    /** Entries of each cache in memory. */
    readonly maxCapacity: number;
    /** Bytes of the exact cache in memory. */
    readonly maxBytes: number;
    readonly namespace: string;
    readonly shareUsers: boolean;
    /** Whether requests with a temperature above 0, or none, may be cached. */
    readonly sampled: boolean;
  };
  readonly redis: RedisConfig;
  readonly semanticCache: {
    readonly mode: 'serve' | 'shadow';
    readonly point: SettingValues['semanticPoint'];
    readonly embedder: SettingValues['semanticEmbedder'];
    readonly index: SettingValues['semanticIndex'];
    readonly modelDir: string | undefined;
    /** Whether a question answers others only once it was asked a second time. */
    readonly repeatedOnly: boolean;
    /** Words and phrases of questions that have another answer tomorrow; `default` stands for the built-in ones. */
    readonly volatile: readonly string[];
    /** Longest wait of a request for its embedding. */
    readonly timeoutMs: number;
    /** Keep the texts of the riskiest pairs for the report. */
    readonly logPairs: boolean;
    /** Least cosine similarity; undefined: the embedder's calibrated one. */
    readonly similarityThreshold: number | undefined;
    /** The exact cache's Redis, unless the vectors have one of their own. */
    readonly redis: RedisConfig;
  };
  readonly embeddingSidecar: {
    /** Server root without a slash at its end; undefined: embeddings are made in process. */
    readonly url: string | undefined;
    readonly model: string | undefined;
    readonly timeoutSecs: number;
  };
  readonly smallModel: {
    readonly backend: SettingValues['routerBackend'];
    /** Server roots without a slash at their end; there for every backend but `none` and `embedded`. */
    readonly urls: readonly string[];
    /** `dns`: every address behind their names is a server. */
    readonly discovery: SettingValues['smallModelDiscovery'];
    readonly apiKey: string | undefined;
    readonly model: string | undefined;
    readonly timeoutSecs: number;
    /** Share of a request's time. */
    readonly deadlineShare: number;
    /** Models in whose place the small one may answer. */
    readonly replaces: readonly string[];
    readonly decide: SettingValues['smallModelDecide'];
    /** Least probability with which it answers. */
    readonly threshold: number;
    /** Least confidence with which its answer is passed on; 0: it is not asked for it. */
    readonly leastConfidence: number;
    /** Who decides about which requests; the first that is about one. */
    readonly routes: readonly ListedRoute[];
    /** Share of the other requests about which is decided, from 0 to 1. */
    readonly recordShare: number;
    /** Share of the other requests that it answers too, to be compared, from 0 to 1. */
    readonly agreementShare: number;
    /** Requests that one server may have at a time. */
    readonly maxOutstanding: number;
    /** Requests that may wait at one server before it is passed over. */
    readonly maxQueued: number;
    /** How long a request waits for a pool that is down or loads; 0: not at all. */
    readonly wakeWaitMs: number;
    /** Of the backend `embedded`. */
    readonly embedded: {
      /** There for this backend. */
      readonly modelFile: string | undefined;
      /** Where its package is looked for; undefined: where Isartor is. */
      readonly packageDir: string | undefined;
      readonly gpu: boolean;
      /** 0: the library's own choice. */
      readonly threads: number;
      readonly contextTokens: number;
      readonly parallel: number;
    };
  };
  readonly llm: LlmConfig;
  /** The providers in the order in which they are asked; at least one. `llm` is the first. */
  readonly providers: readonly ProviderConfig[];
  /** Who this process is for Azure's providers that have no key. */
  readonly azureIdentity: AzureIdentity;
  /** Who is asked for which models; the first that is about one. */
  readonly routes: readonly ModelRoute[];
  /** Which of several keys of a provider is asked with. */
  readonly keyOrder: SettingValues['keyOrder'];
  /** The operator's own prices by model, names in lower case. */
  readonly prices: Readonly<Record<string, ModelPrice>>;
  readonly usage: {
    readonly keepDays: number;
  };
  readonly retry: {
    /** Calls for one request, all providers together. */
    readonly maxCalls: number;
    readonly baseWaitMs: number;
    readonly maxWaitMs: number;
  };
  readonly breaker: {
    /** In a row. */
    readonly failures: number;
    readonly openMs: number;
  };
  /** Milliseconds. */
  readonly clocks: {
    readonly firstByteMs: number;
    readonly betweenBytesMs: number;
    readonly streamMs: number;
    readonly plainMs: number;
  };
  readonly limits: {
    readonly maxInflightBytes: number;
    readonly maxInflightRequests: number;
    readonly bodyBytes: number;
    readonly bodyMs: number;
    /** Binds after a body's first 5 seconds; 0: no bound. */
    readonly bodyMinBytesPerSec: number;
    readonly headerMs: number;
    readonly headerBytes: number;
  };
  readonly shutdownGraceMs: number;
  /** Empty: no CORS. `*` alone among them: all. */
  readonly corsOrigins: readonly string[];
  readonly logLevel: SettingValues['logLevel'];
  readonly requestRecord: {
    /** Undefined: no prompt and no answer is recorded. */
    readonly dir: string | undefined;
    readonly masked: boolean;
    /** Of a request, and of its answer. */
    readonly textBytes: number;
    readonly fileBytes: number;
    readonly totalBytes: number;
    readonly keepDays: number;
  };
  readonly monitoring: {
    readonly enabled: boolean;
    readonly otelEndpoint: string;
    readonly otelProtocol: SettingValues['otelExporterProtocol'];
    /** Lower-case names. */
    readonly otelHeaders: Readonly<Record<string, string>>;
    /** Of the traces that no caller decides about, from 0 to 1. */
    readonly sampleRatio: number;
    readonly tracesPerSecond: number;
  };
}

/**
 * Puts checked settings into the form that the code reads.
 *
 * @param isGiven whether the operator set it
 */
export function toConfig(
  values: SettingValues,
  isGiven: (key: SettingKey) => boolean,
  azureIdentity: AzureIdentity,
): Config {
  const redis: RedisConfig = {
    url: values.redisUrl.url,
    db: values.redisDb ?? values.redisUrl.db ?? 0,
    timeoutMs: values.redisTimeoutMs,
  };
  const llm = llmOf(values, isGiven);
  return deepFreeze<Config>({
    host: values.hostPort.host,
    port: values.hostPort.port,
    metricsPort: values.metricsPort,
    auth: {
      mode: values.authMode,
      keys: [
        ...(values.gatewayApiKey === undefined ? [] : [gatewayKey(values.gatewayApiKey, sha256Hex)]),
        ...(values.authKeys ?? []),
      ],
    },
    edge: { secret: values.edgeSecret, only: values.edgeOnly },
    adminKey: values.adminKey,
    cache: {
      mode: values.cacheMode,
      backend: values.cacheBackend,
      ttlSecs: values.cacheTtlSecs,
      staleSecs: values.cacheStaleSecs,
      maxCapacity: values.cacheMaxCapacity,
      maxBytes: values.cacheMaxBytes,
      namespace: values.cacheNamespace,
      shareUsers: values.cacheShareUsers,
      sampled: values.cacheSampled,
    },
    redis,
    semanticCache: {
      // Answers are served only where the operator asked for a semantic cache in so many words.
      // Its measured rate of wrong hits is above the one wished for (core/eval/README.md): who wants it served says so.
      mode: values.semanticMode ?? 'shadow',
      point: values.semanticPoint,
      embedder: values.semanticEmbedder,
      index: values.semanticIndex,
      modelDir: values.semanticModelDir,
      repeatedOnly: values.semanticRepeatedOnly,
      volatile: values.semanticVolatile,
      timeoutMs: values.semanticTimeoutMs,
      logPairs: values.semanticLogPairs,
      similarityThreshold: values.similarityThreshold,
      redis:
        values.semanticRedisUrl === undefined
          ? redis
          : { url: values.semanticRedisUrl.url, db: values.semanticRedisUrl.db ?? 0, timeoutMs: values.redisTimeoutMs },
    },
    embeddingSidecar: {
      url: values.embeddingSidecarUrl,
      model: values.embeddingSidecarModel,
      timeoutSecs: values.embeddingSidecarTimeoutSecs,
    },
    smallModel: {
      backend: values.routerBackend,
      urls: values.smallModelUrl ?? [],
      discovery: values.smallModelDiscovery,
      apiKey: values.smallModelApiKey,
      model: values.smallModelName,
      timeoutSecs: values.smallModelTimeoutSecs,
      deadlineShare: values.smallModelDeadlineShare,
      replaces: values.smallModelReplaces ?? [llm.model],
      decide: values.smallModelDecide,
      threshold: values.smallModelThreshold,
      leastConfidence: values.smallModelLeastConfidence,
      routes: values.smallModelRoutes ?? [],
      recordShare: values.smallModelRecordShare,
      agreementShare: values.smallModelAgreementShare,
      maxOutstanding: values.smallModelMaxOutstanding,
      maxQueued: values.smallModelMaxQueued,
      wakeWaitMs: values.smallModelWakeWaitMs,
      embedded: {
        modelFile: values.embeddedModelFile,
        packageDir: values.embeddedPackageDir,
        gpu: values.embeddedGpu,
        threads: values.embeddedThreads,
        contextTokens: values.embeddedContextTokens,
        parallel: values.embeddedParallel,
      },
    },
    llm,
    providers: providersOf(values, llm),
    azureIdentity,
    routes: values.l3Routes ?? [],
    keyOrder: values.keyOrder,
    prices: values.prices ?? {},
    usage: { keepDays: values.usageKeepDays },
    retry: {
      maxCalls: values.retryMaxCalls,
      baseWaitMs: values.retryBaseWaitMs,
      maxWaitMs: values.retryMaxWaitSecs * 1_000,
    },
    breaker: { failures: values.breakerFailures, openMs: values.breakerOpenSecs * 1_000 },
    clocks: {
      firstByteMs: values.firstByteSecs * 1_000,
      betweenBytesMs: values.betweenBytesSecs * 1_000,
      streamMs: values.streamSecs * 1_000,
      plainMs: values.plainSecs * 1_000,
    },
    limits: {
      maxInflightBytes: values.maxInflightBytes,
      maxInflightRequests: values.maxInflightRequests,
      bodyBytes: values.bodyBytes,
      bodyMs: values.bodySecs * 1_000,
      bodyMinBytesPerSec: values.bodyMinBytesPerSec,
      headerMs: values.headerSecs * 1_000,
      headerBytes: values.headerBytes,
    },
    shutdownGraceMs: values.shutdownGraceSecs * 1_000,
    corsOrigins: values.corsOrigins ?? [],
    logLevel: values.logLevel,
    requestRecord: {
      dir: values.recordDir,
      masked: values.recordMask,
      textBytes: values.recordTextBytes,
      fileBytes: values.recordFileBytes,
      totalBytes: values.recordTotalBytes,
      keepDays: values.recordKeepDays,
    },
    monitoring: {
      enabled: values.enableMonitoring,
      otelEndpoint: values.otelExporterEndpoint,
      otelProtocol: values.otelExporterProtocol,
      otelHeaders: values.otelExporterHeaders ?? {},
      sampleRatio: values.otelSampleRatio,
      tracesPerSecond: values.otelTracesPerSecond,
    },
  });
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  }
  return Object.freeze(value);
}
