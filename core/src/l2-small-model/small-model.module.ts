import {
  Inject,
  Module,
  type DynamicModule,
  type InjectionToken,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { StandIns } from '../pipeline/stand-ins.ts';
import { StandInsModule } from '../stand-ins/stand-ins.module.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.port.ts';
import { REAL_TIME } from '../upstream/time.ts';
import { AgreementCheck } from './agreement/agreement-check.ts';
import { EMBEDDED_URL, EmbeddedBackend } from './adapters/embedded/embedded-backend.ts';
import { findLlamaLibrary } from './adapters/embedded/llama-library.ts';
import { HttpModelBackend } from './adapters/http-model-backend.ts';
import { LLAMACPP } from './adapters/llamacpp.ts';
import { OPENAI } from './adapters/openai.ts';
import type { Protocol } from './adapters/protocol.ts';
import { TGI } from './adapters/tgi.ts';
import { VLLM } from './adapters/vllm.ts';
import { createRouteTable } from './decide/create-route-table.ts';
import { Demand } from './demand.ts';
import { SmallModelExplainer } from './explain-small-model.ts';
import { KillSwitch } from './kill-switch.ts';
import { listedAddresses, resolvedAddresses } from './pool-addresses.ts';
import type { Replica } from './replica.ts';
import { ReplicaPool, type ReplicaPoolOptions } from './replica-pool.ts';
import { SmallModelLayer } from './small-model.layer.ts';
import { TenantRecordReader } from './tenant-records.port.ts';

/** A pool is passed over sooner than a provider: what it would answer, the cloud does. */
const BREAKER = { failures: 3, openMs: 10_000 };

const PROTOCOLS: Readonly<Record<string, Protocol | undefined>> = {
  openai: OPENAI,
  vllm: VLLM,
  llamacpp: LLAMACPP,
  tgi: TGI,
};

/** L2. Without a router backend there is neither pool nor layer. */
@Module({
  providers: [
    { provide: ReplicaPool, inject: [ConfigToken, Log, Metrics, StandIns], useFactory: createPool },
    {
      provide: AgreementCheck,
      inject: [ConfigToken, ReplicaPool, TenantRecordReader, Metrics],
      useFactory: createAgreementCheck,
    },
    {
      provide: SmallModelLayer,
      inject: [ConfigToken, ReplicaPool, AgreementCheck, TenantRecordReader, Metrics],
      useFactory: createLayer,
    },
    { provide: SmallModelExplainer, inject: [ConfigToken, ReplicaPool], useFactory: createExplainer },
  ],
  exports: [SmallModelLayer, SmallModelExplainer, ReplicaPool],
})
export class SmallModelModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(ReplicaPool) private readonly pool: ReplicaPool | undefined,
    @Inject(AgreementCheck) private readonly agreement: AgreementCheck | undefined,
  ) {}

  /** `store`: the token under which `from` exports what reads tenants' records. */
  static register(from: NonNullable<ModuleMetadata['imports']>[number], store: InjectionToken): DynamicModule {
    return {
      module: SmallModelModule,
      imports: [from, StandInsModule],
      providers: [{ provide: TenantRecordReader, useExisting: store }],
    };
  }

  onApplicationBootstrap(): void {
    this.pool?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.agreement?.close();
    await this.pool?.close();
  }
}

function createPool(config: Config, log: Logger, metrics: Metrics, standIns: StandIns): ReplicaPool | undefined {
  const { smallModel } = config;
  const servers = serversOf(config, log);
  if (servers === undefined) return undefined;
  const pool = new ReplicaPool({
    ...servers,
    connect: (server) => {
      metrics.breaker(`l2 ${new URL(server.url).host}`, 'closed');
      return servers.connect(server);
    },
    model: smallModel.model,
    breaker: BREAKER,
    maxOutstanding: smallModel.maxOutstanding,
    maxQueued: smallModel.maxQueued,
    time: REAL_TIME,
    random: Math.random,
    onBreakerChange: (url, state) => {
      metrics.breaker(`l2 ${new URL(url).host}`, state);
      log.warn({ server: new URL(url).host, state }, 'breaker');
    },
    onGone: (url) => {
      metrics.breakerGone(`l2 ${new URL(url).host}`);
      log.info({ server: new URL(url).host }, 'small model server is gone');
    },
    onChange: (replica) => tell(replica, smallModel.model, log, metrics),
  });
  standIns.observe(() => pool.standIns);
  return pool;
}

/** Where the servers are and how to reach them. Throws an Error where the model in process has no library. */
function serversOf(
  { smallModel, clocks }: Config,
  log: Logger,
): Pick<ReplicaPoolOptions, 'addresses' | 'connect'> | undefined {
  const { backend, urls, apiKey, embedded, model } = smallModel;
  if (backend === 'embedded') {
    const options = {
      libraryUrl: findLlamaLibrary(embedded.packageDir ?? import.meta.dirname),
      modelFile: embedded.modelFile ?? '',
      gpu: embedded.gpu,
      threads: embedded.threads === 0 ? undefined : embedded.threads,
      contextTokens: embedded.contextTokens,
      parallel: embedded.parallel,
      model,
      onFault: (error: unknown) => log.error({ err: error }, 'the small model in process cannot be loaded'),
    };
    return { addresses: listedAddresses([EMBEDDED_URL]), connect: () => new EmbeddedBackend(options) };
  }
  const protocol = PROTOCOLS[backend];
  if (protocol === undefined) return undefined;
  return {
    addresses: smallModel.discovery === 'dns' ? resolvedAddresses(urls) : listedAddresses(urls),
    connect: (server) => new HttpModelBackend(protocol, { ...server, apiKey, betweenBytesMs: clocks.betweenBytesMs }),
  };
}

/** A server of the pool came, went or serves something else. */
function tell(
  { backend, state, choice }: Replica,
  configured: string | undefined,
  log: Logger,
  metrics: Metrics,
): void {
  const server = new URL(backend.url).host;
  if (state === 'ready' && choice?.kind === 'fallback') {
    metrics.smallModelFallback();
    const served = choice.model.name;
    log.warn(
      { server, configured, served },
      'the pool does not serve the configured small model: its only one is used',
    );
  } else if (state === 'ready' && choice?.kind === 'unclear') {
    log.warn(
      { server, configured, served: choice.served },
      'the small model is not clear, and L2 is passed over: name one',
    );
  } else {
    log.info(
      { server, state, model: choice?.kind === 'unclear' ? undefined : choice?.model.name },
      'small model server',
    );
  }
}

function createAgreementCheck(
  config: Config,
  pool: ReplicaPool | undefined,
  records: TenantRecordReader,
  metrics: Metrics,
): AgreementCheck | undefined {
  if (pool === undefined) return undefined;
  return new AgreementCheck({
    pool,
    killSwitch: new KillSwitch(records),
    time: REAL_TIME,
    withinMs: shareMsOf(config),
    leastConfidence: leastConfidenceOf(config),
    onCompared: (model, comparison) => metrics.smallModelAgreement(model, comparison),
    onConfidence: (agreement, confidence) => metrics.smallModelConfidence(agreement, confidence),
  });
}

/** What one request may spend on the small model, in ms. */
function shareMsOf({ smallModel, clocks }: Config): number {
  const requestMs = Math.min(clocks.firstByteMs, clocks.plainMs);
  return Math.min(smallModel.deadlineShare * requestMs, smallModel.timeoutSecs * 1_000);
}

/** 0 as a setting: the model is not even asked for it. */
function leastConfidenceOf({ smallModel }: Config): number | undefined {
  return smallModel.leastConfidence === 0 ? undefined : smallModel.leastConfidence;
}

function createLayer(
  config: Config,
  pool: ReplicaPool | undefined,
  agreement: AgreementCheck | undefined,
  records: TenantRecordReader,
  metrics: Metrics,
): SmallModelLayer | undefined {
  if (pool === undefined || agreement === undefined) return undefined;
  const { smallModel, clocks } = config;
  const demand = new Demand(() => REAL_TIME.nowMs());
  metrics.observeSmallModel({ pending: () => demand.pending, wanted: () => demand.wanted });
  return new SmallModelLayer(
    {
      replaces: smallModel.replaces,
      shareMs: shareMsOf(config),
      streamMs: clocks.streamMs,
      leastConfidence: leastConfidenceOf(config),
      wakeWaitMs: smallModel.wakeWaitMs,
      recordShare: smallModel.recordShare,
      agreementShare: smallModel.agreementShare,
    },
    {
      pool,
      routes: createRouteTable(config),
      agreement,
      killSwitch: new KillSwitch(records),
      demand,
      time: REAL_TIME,
      random: Math.random,
      onRoute: (route, why) => metrics.smallModelRoute(route, why),
      onCall: (call) => metrics.modelCall(call),
    },
  );
}

function createExplainer(config: Config, pool: ReplicaPool | undefined): SmallModelExplainer {
  const { replaces } = config.smallModel;
  return new SmallModelExplainer(pool === undefined ? undefined : { replaces, pool, routes: createRouteTable(config) });
}
