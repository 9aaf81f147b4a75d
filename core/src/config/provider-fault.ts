import type { ProviderDialect } from '@isartor/shared';
import { cloudAddress, regionIn, strayMember, wantedMembers, type CloudMembers } from './cloud-address.ts';
import { PROVIDER_PRESETS, type PresetName, type ProviderPreset } from './provider-presets.ts';

/** A provider of the list, each of whose members is right by itself. */
interface GivenProvider extends CloudMembers {
  readonly preset?: PresetName | undefined;
  readonly dialect?: ProviderDialect | undefined;
  readonly url?: string | undefined;
  readonly model?: string | undefined;
  readonly key?: unknown;
  readonly keys?: unknown;
}

type Rule = (given: GivenProvider, preset: ProviderPreset | undefined) => string | undefined;

const RULES: readonly Rule[] = [dialectFault, memberFault, addressFault, keyFault, regionFault, modelFault];

/** What of its members does not go together, or is missing; what is said completes `[0]`, remedy included. */
export function providerFault(given: GivenProvider): string | undefined {
  const preset = given.preset === undefined ? undefined : PROVIDER_PRESETS[given.preset];
  for (const rule of RULES) {
    const fault = rule(given, preset);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function dialectFault(
  { preset: name, dialect, url }: GivenProvider,
  preset: ProviderPreset | undefined,
): string | undefined {
  if (preset === undefined || dialect === undefined) return undefined;
  const spoken = [preset.dialect, ...(preset.otherDialect === undefined ? [] : [preset.otherDialect])];
  // At another address it may speak another one: DeepSeek has one for each.
  const isElsewhere = url !== undefined && preset.url !== undefined;
  return spoken.includes(dialect) || isElsewhere
    ? undefined
    : `.dialect is not spoken by ${name}; leave it out, or write ${spoken.join(' or ')}`;
}

function memberFault(given: GivenProvider): string | undefined {
  const stray = strayMember(given.preset, given);
  return stray === undefined ? undefined : `.${stray}`;
}

function addressFault(given: GivenProvider, preset: ProviderPreset | undefined): string | undefined {
  if ((given.url ?? preset?.url ?? cloudAddress(given.preset, given)) !== undefined) return undefined;
  const members = wantedMembers(given.preset);
  return members === undefined
    ? '.url is missing; write an http or https address, or name a preset'
    : `.${members}, or the url`;
}

function keyFault({ preset, key, keys }: GivenProvider): string | undefined {
  return preset === 'vertex' && (key ?? keys) !== undefined
    ? " has a key, which vertex does not take; leave it out: the workload's own identity is used"
    : undefined;
}

function regionFault({ preset, url, region }: GivenProvider): string | undefined {
  return preset === 'bedrock' && url !== undefined && (region ?? regionIn(url)) === undefined
    ? '.region is needed beside such a url; write it, such as eu-central-1'
    : undefined;
}

function modelFault({ model }: GivenProvider, preset: ProviderPreset | undefined): string | undefined {
  return (model ?? preset?.model) === undefined
    ? '.model is missing or not usable; write a text in one line'
    : undefined;
}
