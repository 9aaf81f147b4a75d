import { OPERATION_SPECS, type Operation, type ProviderDialect } from '@isartor/shared';
import type { SettingKey, SettingValues } from './config.schema.ts';
import { regionIn } from './cloud-address.ts';
import { PROVIDER_PRESETS, type PresetName } from './provider-presets.ts';
import { namedKeys, type ListedProvider, type NamedKey } from './provider-list-type.ts';

/** The first provider, and the model of requests that leave it open. */
export interface LlmConfig {
  readonly provider: SettingValues['llmProvider'];
  /** The API that it speaks. */
  readonly dialect: ProviderDialect;
  /** Base of the API with its version, without a slash at its end. */
  readonly url: string;
  /** The model of requests that name none. */
  readonly model: string;
  readonly apiKey: string | undefined;
  /** All its keys, `apiKey` first. */
  readonly keys: readonly NamedKey[];
  /** Whether a stream may be asked for its token figures. */
  readonly askUsage: boolean;
}

/** One cloud provider. */
export interface ProviderConfig {
  /** As in `x-isartor-provider`. */
  readonly name: string;
  /** By what name it is known; undefined: by its API alone. */
  readonly preset: PresetName | undefined;
  /** Of Azure: the dated version of its API. */
  readonly apiVersion: string | undefined;
  /** Of Bedrock: the region that requests are signed for. */
  readonly region: string | undefined;
  /** The API that it speaks. */
  readonly dialect: ProviderDialect;
  /** Base of the API with its version, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** All its keys, `apiKey` first. */
  readonly keys: readonly NamedKey[];
  /** What it is asked for where the request leaves the model open. */
  readonly model: string;
  readonly asksUsage: boolean;
  /** Share of the first choices. */
  readonly weight: number | undefined;
  /** Its own bounds in milliseconds; undefined: those of `clocks`. */
  readonly firstByteMs: number | undefined;
  readonly betweenBytesMs: number | undefined;
  /** The operations of its API that it has; undefined: all. */
  readonly serves: readonly Operation[] | undefined;
}

/** The API that a provider of the settings speaks. */
export function dialectOf(provider: PresetName): ProviderDialect {
  return PROVIDER_PRESETS[provider].dialect;
}

/** The provider of `external_llm.*`, or the first of the list in its place. */
export function llmOf(values: SettingValues, isGiven: (key: SettingKey) => boolean): LlmConfig {
  const modelGiven = isGiven('externalLlmModel');
  const { llmProvider: provider, externalLlmModel } = values;
  const first = values.l3Providers?.[0];
  if (first !== undefined) {
    const model = modelGiven ? externalLlmModel : first.model;
    const { dialect, url, key, keys, askUsage } = first;
    return { provider, dialect, url, model, apiKey: key, keys, askUsage };
  }
  const preset = PROVIDER_PRESETS[provider];
  const keys = namedKeys(values.externalLlmApiKey);
  return {
    provider,
    dialect: preset.dialect,
    // A cloud without an address stops the start elsewhere.
    url: values.externalLlmUrl ?? preset.url ?? '',
    model: modelGiven ? externalLlmModel : (preset.model ?? externalLlmModel),
    apiKey: keys[0]?.key,
    keys,
    askUsage: isGiven('externalLlmAskUsage') ? values.externalLlmAskUsage : preset.asksUsage,
  };
}

/** The chain: the list, or `llm` alone. */
export function providersOf(values: SettingValues, llm: LlmConfig): readonly ProviderConfig[] {
  return values.l3Providers?.map(listedProvider) ?? [onlyProvider(llm)];
}

function onlyProvider(llm: LlmConfig): ProviderConfig {
  return {
    name: llm.provider,
    preset: llm.provider,
    apiVersion: undefined,
    region: regionIn(llm.url),
    dialect: llm.dialect,
    url: llm.url,
    apiKey: llm.apiKey,
    keys: llm.keys,
    model: llm.model,
    asksUsage: llm.askUsage,
    weight: undefined,
    firstByteMs: undefined,
    betweenBytesMs: undefined,
    serves: servedBy(llm.provider, llm.dialect),
  };
}

function listedProvider(listed: ListedProvider): ProviderConfig {
  return {
    name: listed.name,
    preset: listed.preset,
    apiVersion: listed.apiVersion,
    region: listed.region ?? regionIn(listed.url),
    dialect: listed.dialect,
    url: listed.url,
    apiKey: listed.key,
    keys: listed.keys,
    model: listed.model,
    asksUsage: listed.askUsage,
    weight: listed.weight,
    firstByteMs: inMs(listed.firstByteSecs),
    betweenBytesMs: inMs(listed.betweenBytesSecs),
    serves: listed.preset === undefined ? undefined : servedBy(listed.preset, listed.dialect),
  };
}

/** What a preset knows its server to have of an API; undefined: it knows nothing of it. */
function servedBy(name: PresetName, dialect: ProviderDialect): readonly Operation[] | undefined {
  const known = PROVIDER_PRESETS[name].serves?.filter(
    (operation) => OPERATION_SPECS[operation].providerDialect === dialect,
  );
  return known === undefined || known.length === 0 ? undefined : known;
}

function inMs(secs: number | undefined): number | undefined {
  return secs === undefined ? undefined : secs * 1_000;
}
