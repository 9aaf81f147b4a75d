import type { SettingKey, SettingValues } from './config.schema.ts';
import { exampleAddress, regionIn } from './cloud-address.ts';
import { hostThatNeedsKey, PROVIDER_PRESETS } from './provider-presets.ts';
import { nameOf, type ResolvedSettings } from './resolve-settings.ts';
import { sha256Hex } from '../sha256-hex.ts';

/** What a rule may look at. */
interface Facts {
  readonly values: SettingValues;
  /** How to speak of a setting: the name it was given under, else the recommended one. */
  readonly name: (key: SettingKey) => string;
  readonly isGiven: (key: SettingKey) => boolean;
}

/** Settings that are right alone and wrong together. */
interface Rule {
  /** The settings it reads: a rule is silent while one of them is faulty by itself. */
  readonly about: readonly SettingKey[];
  /** The whole line, remedy included, or undefined where nothing is wrong. */
  readonly finds: (facts: Facts) => string | undefined;
}

const FAULTS: readonly Rule[] = [
  {
    about: ['gatewayApiKey', 'authKeys', 'authMode'],
    finds: ({ values, name }) =>
      values.authMode === 'on' && values.gatewayApiKey === undefined && (values.authKeys ?? []).length === 0
        ? `${name('gatewayApiKey')}: no key is configured, so nobody could call; set it (or ISARTOR__GATEWAY_API_KEY_FILE, or ${name('authKeys')}), or set ISARTOR__AUTH__MODE=off to let everyone in`
        : undefined,
  },
  {
    about: ['gatewayApiKey', 'authKeys'],
    finds: ({ values, name }) => {
      const digest = values.gatewayApiKey === undefined ? undefined : sha256Hex(values.gatewayApiKey);
      return values.authKeys?.some((key) => key.sha256 === digest && key.tenant !== 'default')
        ? `${name('authKeys')}: gives the key of ${name('gatewayApiKey')} (tenant default) to another tenant too; make a new key for one of them`
        : undefined;
    },
  },
  {
    about: ['adminKey', 'gatewayApiKey', 'authKeys'],
    finds: ({ values, name }) => {
      if (values.adminKey === undefined) return undefined;
      const digest = sha256Hex(values.adminKey);
      return values.adminKey === values.gatewayApiKey || values.authKeys?.some((key) => key.sha256 === digest)
        ? `${name('adminKey')}: is also the key of a caller; make a key of its own`
        : undefined;
    },
  },
  {
    about: ['edgeOnly', 'edgeSecret'],
    finds: ({ values, name }) =>
      values.edgeOnly && values.edgeSecret === undefined
        ? `${name('edgeOnly')}: true refuses every caller as long as there is no secret to prove; set ${name('edgeSecret')}, at the edge too`
        : undefined,
  },
  {
    about: ['metricsPort', 'hostPort'],
    finds: ({ values, name }) =>
      values.metricsPort !== 0 && values.metricsPort === values.hostPort.port
        ? `${name('metricsPort')}: ${values.metricsPort} is also the port of ${name('hostPort')}; choose another, or 0 for none`
        : undefined,
  },
  {
    about: ['redisUrl', 'redisDb'],
    finds: ({ values, name }) =>
      values.redisUrl.form === 'cluster' && (values.redisDb ?? 0) !== 0
        ? `${name('redisDb')}: a Cluster has database 0 alone; leave it out, or give ${name('redisUrl')} another address`
        : undefined,
  },
  {
    about: ['semanticIndex', 'cacheBackend'],
    finds: ({ values, name }) =>
      values.semanticIndex === 'redis' && values.cacheBackend === 'memory'
        ? `${name('semanticIndex')}: vectors in Redis point at answers that each process keeps in its own memory; set ${name('cacheBackend')} to redis, or choose auto`
        : undefined,
  },
  {
    about: ['semanticEmbedder', 'embeddingSidecarUrl'],
    finds: ({ values, name }) =>
      values.semanticEmbedder === 'sidecar' && values.embeddingSidecarUrl === undefined
        ? `${name('semanticEmbedder')}: "sidecar" needs the address of an embedding server; set ${name('embeddingSidecarUrl')}, or choose auto`
        : undefined,
  },
  {
    about: ['routerBackend', 'smallModelUrl'],
    finds: ({ values, name }) =>
      values.routerBackend !== 'none' && values.routerBackend !== 'embedded' && values.smallModelUrl === undefined
        ? `${name('routerBackend')}: "${values.routerBackend}" needs the address of its server; set ${name('smallModelUrl')}, or choose none`
        : undefined,
  },
  {
    about: ['routerBackend', 'embeddedModelFile'],
    finds: ({ values, name }) =>
      values.routerBackend === 'embedded' && values.embeddedModelFile === undefined
        ? `${name('routerBackend')}: "embedded" needs the weights; set ${name('embeddedModelFile')} to a GGUF file, or choose none`
        : undefined,
  },
  {
    about: ['routerBackend', 'smallModelLeastConfidence'],
    finds: ({ values, name }) =>
      values.routerBackend === 'embedded' && values.smallModelLeastConfidence > 0
        ? `${name('smallModelLeastConfidence')}: the model in process does not tell how sure it is; set 0, or choose another ${name('routerBackend')}`
        : undefined,
  },
  {
    about: ['smallModelDiscovery', 'smallModelUrl'],
    finds: ({ values, name }) =>
      values.smallModelDiscovery === 'dns' && values.smallModelUrl?.some((url) => url.startsWith('https:')) === true
        ? `${name('smallModelDiscovery')}: "dns" asks each server by its bare address, for which no certificate is made out; use http, or list the servers by name`
        : undefined,
  },
  {
    about: ['llmProvider', 'externalLlmUrl', 'l3Providers'],
    finds: ({ values, name }) => {
      const { llmProvider, externalLlmUrl, l3Providers } = values;
      const example = exampleAddress(llmProvider);
      return example === undefined || externalLlmUrl !== undefined || l3Providers !== undefined
        ? undefined
        : `${name('externalLlmUrl')}: ${llmProvider} has an address of each customer's own; set it, such as ${example}`;
    },
  },
  {
    about: ['llmProvider', 'externalLlmUrl', 'l3Providers'],
    finds: ({ values, name }) => {
      const { llmProvider, externalLlmUrl, l3Providers } = values;
      if (llmProvider !== 'bedrock' || externalLlmUrl === undefined || l3Providers !== undefined) return undefined;
      return regionIn(externalLlmUrl) === undefined
        ? `${name('externalLlmUrl')}: tells no region of Bedrock's; describe the provider in ${name('l3Providers')} instead, with its "region"`
        : undefined;
    },
  },
  {
    about: ['llmProvider', 'externalLlmApiKey', 'l3Providers'],
    finds: ({ values, name }) =>
      values.llmProvider === 'vertex' && values.externalLlmApiKey !== undefined && values.l3Providers === undefined
        ? `${name('externalLlmApiKey')}: vertex takes no key; leave it out: the workload's own identity is used`
        : undefined,
  },
  {
    about: ['llmProvider', 'externalLlmUrl', 'externalLlmApiKey', 'l3Providers'],
    finds: ({ values, name }) => {
      const { llmProvider, l3Providers, externalLlmApiKey, externalLlmUrl } = values;
      if (l3Providers !== undefined || externalLlmApiKey !== undefined) return undefined;
      const host = hostThatNeedsKey(llmProvider, externalLlmUrl);
      return host === undefined
        ? undefined
        : `${name('externalLlmApiKey')}: ${host} needs a key; set it (or ISARTOR__EXTERNAL_LLM_API_KEY_FILE), or set ${name('externalLlmUrl')} to a server that needs none`;
    },
  },
  {
    about: ['llmProvider', 'externalLlmModel', 'l3Providers'],
    finds: ({ values, name, isGiven }) => {
      const { llmProvider, l3Providers } = values;
      if (l3Providers !== undefined || isGiven('externalLlmModel')) return undefined;
      return PROVIDER_PRESETS[llmProvider].model === undefined
        ? `${name('externalLlmModel')}: ${llmProvider} has no model that is asked where none is named; set it to one of its models`
        : undefined;
    },
  },
  {
    about: ['l3Providers'],
    finds: ({ values, name }) => {
      for (const { name: provider, preset, dialect, url, key } of values.l3Providers ?? []) {
        const host = hostThatNeedsKey(preset ?? dialect, url) ?? hostThatNeedsKey(dialect, url);
        if (key === undefined && host !== undefined)
          return `${name('l3Providers')}: ${host} needs a key; give the provider ${provider} one, or another url`;
      }
      return undefined;
    },
  },
  {
    about: ['l3Routes', 'l3Providers', 'llmProvider'],
    finds: ({ values, name }) => {
      const stray = strayTarget(values);
      return stray === undefined ? undefined : `${name('l3Routes')}: ${stray}`;
    },
  },
];

/** The first target of a route that is no provider, by its place. */
function strayTarget({ l3Routes, l3Providers, llmProvider }: SettingValues): string | undefined {
  const names: readonly string[] = l3Providers?.map(({ name }) => name) ?? [llmProvider];
  for (const [index, { to }] of (l3Routes ?? []).entries()) {
    const at = to.findIndex(({ provider }) => !names.includes(provider));
    if (at >= 0) return `[${index}].to.${at}.provider is the name of no provider; there are ${names.join(', ')}`;
  }
  return undefined;
}

const WARNINGS: readonly Rule[] = [
  {
    about: ['authMode', 'gatewayApiKey', 'authKeys'],
    finds: ({ values, name }) =>
      values.authMode === 'off' && (values.gatewayApiKey !== undefined || values.authKeys !== undefined)
        ? `${name('authMode')}: off, so the configured keys are not asked for and everyone is tenant default`
        : undefined,
  },
  {
    about: ['cacheBackend', 'redisUrl'],
    finds: ({ values, name, isGiven }) =>
      values.cacheBackend === 'memory' && isGiven('redisUrl')
        ? `${name('redisUrl')}: not used for the exact cache, whose backend is memory; set ISARTOR__CACHE_BACKEND=redis to share it`
        : undefined,
  },
  {
    about: ['redisUrl', 'redisDb'],
    finds: ({ values, name }) =>
      values.redisDb !== undefined && values.redisUrl.db !== undefined && values.redisDb !== values.redisUrl.db
        ? `${name('redisDb')} (${values.redisDb}) and the database in ${name('redisUrl')} (${values.redisUrl.db}) differ: ${name('redisDb')} wins`
        : undefined,
  },
  {
    about: ['l3Providers'],
    finds: ({ values, name, isGiven }) => {
      const unused = (['llmProvider', 'externalLlmUrl', 'externalLlmApiKey', 'externalLlmAskUsage'] as const).filter(
        isGiven,
      );
      return values.l3Providers === undefined || unused.length === 0
        ? undefined
        : `${unused.map(name).join(', ')}: not used, because ${name('l3Providers')} lists the providers`;
    },
  },
  {
    about: ['semanticMode', 'cacheMode'],
    finds: ({ values, name }) =>
      values.semanticMode === 'serve' && (values.cacheMode === 'exact' || values.cacheMode === 'off')
        ? `${name('semanticMode')}: serve, but ${name('cacheMode')} is ${values.cacheMode}, so there is no semantic cache (L1b); set it to both`
        : undefined,
  },
  {
    about: ['semanticEmbedder', 'semanticModelDir'],
    finds: ({ values, name }) =>
      values.semanticEmbedder === 'builtin' && values.semanticModelDir !== undefined
        ? `${name('semanticModelDir')}: not used, because ${name('semanticEmbedder')} is builtin; set it to auto to use the folder`
        : undefined,
  },
];

/** Lines about settings that do not go together: faults stop the start, warnings do not. */
export function contradictions(resolved: ResolvedSettings): { faults: readonly string[]; warnings: readonly string[] } {
  const facts: Facts = {
    values: resolved.values,
    name: (key) => nameOf(key, resolved.given),
    isGiven: (key) => resolved.given.has(key),
  };
  const lines = (rules: readonly Rule[]): readonly string[] =>
    rules
      .filter((rule) => !rule.about.some((key) => resolved.faulty.has(key)))
      .map((rule) => rule.finds(facts))
      .filter((line) => line !== undefined);
  return { faults: lines(FAULTS), warnings: lines(WARNINGS) };
}
