import { randomBytes } from 'node:crypto';
import { choosePort } from './choose-port.ts';
import { readCoreConfig, readGivenSettings, type GivenSettings } from './core-settings.ts';
import { devKey } from './dev-key.ts';
import type { Environment } from './environment.ts';
import { Fault } from './fault.ts';
import { formatHostPort, isLoopback, localUrl, parseHostPort, type HostPort } from './host-port.ts';
import { readStandinSettings, type StandinSettings } from './standin-settings.ts';
import { workerBindings, type UpstashAddress, type WorkerBindings } from './worker-bindings.ts';

const LOOPBACK = '127.0.0.1';
const CORE_PORT = 8080;
const EDGE_PORT = 8787;
const METRICS_PORT = 9464;
const UPSTASH_PORT = 8079;

/** What `npm start` will run, decided before anything is started. */
export interface StackPlan {
  readonly core: HostPort;
  readonly edge: HostPort;
  readonly coreEnv: Environment;
  readonly worker: WorkerBindings;
  /** The stand-in model server, when no provider is configured. */
  readonly standin: StandinSettings | undefined;
  /** The REST server in front of the configured Redis, for the Worker. */
  readonly restServer: { readonly port: number; readonly token: string; readonly redisUrl: string } | undefined;
  readonly cache: 'memory' | 'redis';
  /** The key to call with: printed whole when it was made here, undefined when only hashes are known or none is asked for. */
  readonly key: { readonly value: string; readonly made: boolean } | undefined;
  readonly authMode: 'on' | 'off';
  readonly model: string;
  readonly providerUrl: string;
  /** What the user should know before the start, a line each. */
  readonly notices: readonly string[];
}

/**
 * Reads the environment (and `isartor.yaml`) and decides ports, keys and processes.
 * @throws Fault when something configured cannot be had
 */
export async function planStack(env: Environment, where: { root: string; stateDir: string }): Promise<StackPlan> {
  const given = readGivenSettings(env, where.root);
  const notices: string[] = [];
  const taken = new Set<number>();
  const claim = async (name: string, wanted: HostPort, configuredBy: string | undefined): Promise<HostPort> => {
    const chosen = await choosePort(wanted, { configuredBy, taken });
    taken.add(chosen.port);
    if (chosen.port !== wanted.port) notices.push(`port ${wanted.port} is taken; ${name} listens on ${chosen.port}`);
    return chosen;
  };

  const core = await claim('the core', coreAddress(given), given.nameOf('hostPort'));
  const edge = await claim('the edge', edgeAddress(env), env['ISARTOR_EDGE_PORT'] ? 'ISARTOR_EDGE_PORT' : undefined);
  const standin = usesStandin(given) ? await planStandin(env, given, claim) : undefined;
  const upstash = given.values.cacheBackend === 'redis' ? await planUpstash(env, claim) : undefined;
  if (standin !== undefined) refuseForeignRedis(given, upstash?.address);
  const made = needsKey(given) ? devKey(where.stateDir) : undefined;

  const coreEnv = {
    ...forCore(env),
    ISARTOR__HOST_PORT: formatHostPort(core),
    ...(given.nameOf('metricsPort') === undefined && {
      ISARTOR__METRICS_PORT: String(
        (await choosePort({ host: core.host, port: METRICS_PORT }, { configuredBy: undefined, taken })).port,
      ),
    }),
    ...(made !== undefined && { ISARTOR__GATEWAY_API_KEY: made }),
    ...(given.values.edgeSecret === undefined && { ISARTOR__EDGE_SECRET: randomBytes(32).toString('hex') }),
    ...(standin !== undefined && standinSettings(given, standin)),
  };
  const config = readCoreConfig(coreEnv, where.root);
  const values = { ...given.values, gatewayApiKey: made ?? given.values.gatewayApiKey };
  const redisTimeoutMs = given.nameOf('redisTimeoutMs') && String(Math.min(10_000, given.values.redisTimeoutMs));
  return {
    core,
    edge,
    coreEnv,
    worker: workerBindings(config, values, {
      coreUrl: localUrl(core),
      upstash: upstash?.address,
      ...(redisTimeoutMs !== undefined && { redisTimeoutMs }),
    }),
    standin,
    restServer: upstash?.own && { ...upstash.own, redisUrl: redisUrlOf(config.redis) },
    cache: config.cache.backend,
    key: values.gatewayApiKey === undefined ? undefined : { value: values.gatewayApiKey, made: made !== undefined },
    authMode: config.auth.mode,
    model: config.llm.model,
    providerUrl: config.llm.url,
    notices: [...notices, ...openAiNotice(env, given)],
  };
}

function coreAddress({ values, nameOf }: GivenSettings): HostPort {
  if (nameOf('hostPort') === undefined) return { host: LOOPBACK, port: CORE_PORT };
  const { host, port } = values.hostPort;
  if (port === 0)
    throw new Fault(`${nameOf('hostPort')}: npm start needs a port, not 0; leave it unset for a free one`);
  return { host, port };
}

function edgeAddress(env: Environment): HostPort {
  const text = env['ISARTOR_EDGE_PORT'];
  if (text === undefined || text === '') return { host: LOOPBACK, port: EDGE_PORT };
  return parseHostPort('ISARTOR_EDGE_PORT', text, LOOPBACK);
}

function usesStandin({ nameOf }: GivenSettings): boolean {
  const configured = ['externalLlmApiKey', 'externalLlmUrl', 'l3Providers'] as const;
  return configured.every((name) => nameOf(name) === undefined);
}

function needsKey({ values }: GivenSettings): boolean {
  return values.authMode === 'on' && values.gatewayApiKey === undefined && (values.authKeys ?? []).length === 0;
}

type Claim = (name: string, wanted: HostPort, configuredBy: string | undefined) => Promise<HostPort>;

async function planStandin(
  env: Environment,
  { values, nameOf }: GivenSettings,
  claim: Claim,
): Promise<StandinSettings> {
  if (values.llmProvider !== 'openai') {
    throw new Fault(`${nameOf('llmProvider')}: ${values.llmProvider} needs its key; set ISARTOR__EXTERNAL_LLM_API_KEY`);
  }
  const settings = readStandinSettings(env);
  const configuredBy = env['ISARTOR_STANDIN_PORT'] ? 'ISARTOR_STANDIN_PORT' : undefined;
  const { port } = await claim('the stand-in', { host: LOOPBACK, port: settings.port }, configuredBy);
  return { ...settings, port };
}

/** The settings that put the stand-in in the provider's place, in a namespace of its own. */
function standinSettings({ nameOf }: GivenSettings, standin: StandinSettings): Record<string, string> {
  return {
    ISARTOR__EXTERNAL_LLM_URL: `http://${LOOPBACK}:${standin.port}/v1`,
    ISARTOR__EXTERNAL_LLM_API_KEY: 'standin',
    ISARTOR__CACHE_NAMESPACE: 'standin',
    ...(nameOf('externalLlmModel') === undefined && { ISARTOR__EXTERNAL_LLM_MODEL: 'isartor-standin' }),
  };
}

async function planUpstash(
  env: Environment,
  claim: Claim,
): Promise<{ address: UpstashAddress; own?: { port: number; token: string } }> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = env;
  if (url && token)
    return { address: { url, token, base64: env['ISARTOR__UPSTASH_BASE64']?.toLowerCase() !== 'false' } };
  if (url || token) {
    const missing = url ? 'UPSTASH_REDIS_REST_TOKEN' : 'UPSTASH_REDIS_REST_URL';
    throw new Fault(`${missing} is not set although its partner is; set both, or neither for a local server`);
  }
  const { port } = await claim('the Redis REST server', { host: LOOPBACK, port: UPSTASH_PORT }, undefined);
  const own = { port, token: randomBytes(32).toString('hex') };
  return { address: { url: `http://${LOOPBACK}:${port}`, token: own.token, base64: false }, own };
}

/** Made-up answers must not reach a Redis that others may share. */
function refuseForeignRedis({ values, nameOf }: GivenSettings, upstash: UpstashAddress | undefined): void {
  if (values.cacheBackend !== 'redis') return;
  const remedy = 'use a Redis on 127.0.0.1, or set ISARTOR__EXTERNAL_LLM_API_KEY';
  const address = values.redisUrl;
  const url = address.form === 'single' ? URL.parse(address.url) : null;
  if (url === null || !isLoopback(url.hostname)) {
    throw new Fault(
      `${nameOf('redisUrl') ?? 'ISARTOR__REDIS_URL'}: the stand-in's answers are kept on this machine only; ${remedy}`,
    );
  }
  if (upstash !== undefined && !isLoopback(URL.parse(upstash.url)?.hostname ?? '')) {
    throw new Fault(`UPSTASH_REDIS_REST_URL: the stand-in's answers are kept on this machine only; ${remedy}`);
  }
}

/** The core's environment: the user's, without what is not its business. */
function forCore(env: Environment): Environment {
  const own = Object.entries(env).filter(
    ([name]) => !name.startsWith('npm_') && !name.startsWith('UPSTASH_') && name !== 'OPENAI_API_KEY',
  );
  return Object.fromEntries(own);
}

function redisUrlOf({ url, db }: { readonly url: string; readonly db: number }): string {
  const full = new URL(url);
  full.pathname = `/${db}`;
  return full.href;
}

function openAiNotice(env: Environment, { nameOf }: GivenSettings): readonly string[] {
  if (!env['OPENAI_API_KEY'] || nameOf('externalLlmApiKey') !== undefined) return [];
  return ['OPENAI_API_KEY is set and not used; to use it: ISARTOR__EXTERNAL_LLM_API_KEY="$OPENAI_API_KEY" npm start'];
}
