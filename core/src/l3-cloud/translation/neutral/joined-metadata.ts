import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';

/** What providers say of one block, joined: what comes later stands beside what came before. */
export function joinedMetadata(
  before: SharedV4ProviderMetadata | undefined,
  next: SharedV4ProviderMetadata | undefined,
): SharedV4ProviderMetadata | undefined {
  if (before === undefined || next === undefined) return next ?? before;
  const all = { ...before };
  for (const [provider, said] of Object.entries(next)) all[provider] = { ...all[provider], ...said };
  return all;
}
