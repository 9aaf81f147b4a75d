import type { SharedV4ProviderOptions } from '@ai-sdk/provider';

/** The settings that were given. */
export function settled<T extends object>(settings: T): { [name in keyof T]?: Exclude<T[name], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only members that are undefined are left out
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [name in keyof T]?: Exclude<T[name], undefined>;
  };
}

/** Options for several providers, joined provider by provider; nothing where none are given. */
export function mergedOptions(...all: readonly (SharedV4ProviderOptions | undefined)[]): {
  providerOptions?: SharedV4ProviderOptions;
} {
  const merged: SharedV4ProviderOptions = {};
  for (const options of all) {
    for (const [provider, settings] of Object.entries(options ?? {})) {
      merged[provider] = { ...merged[provider], ...settings };
    }
  }
  return Object.keys(merged).length === 0 ? {} : { providerOptions: merged };
}
