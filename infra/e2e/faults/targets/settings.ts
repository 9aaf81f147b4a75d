/** The key of every client in this suite. */
export const KEY = 'isk-faults';

/** What every Isartor of the suite is started with: clocks short enough to watch them run out. */
export function settings(upstreamUrl: string): Record<string, string> {
  return {
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'openai', url: upstreamUrl, model: 'gpt-4o-mini' },
      { name: 'anthropic', dialect: 'anthropic', url: upstreamUrl, model: 'claude-haiku-4-5' },
    ]),
    // Each provider by itself: none is asked in the other's place.
    ISARTOR__L3__ROUTES: JSON.stringify([
      { model: 'gpt-*', to: [{ provider: 'openai' }] },
      { model: 'claude-*', to: [{ provider: 'anthropic' }] },
    ]),
    ISARTOR__CACHE_MODE: 'exact',
    ISARTOR__CLOCKS__FIRST_BYTE_SECS: '1',
    ISARTOR__CLOCKS__BETWEEN_BYTES_SECS: '1',
    ISARTOR__CLOCKS__STREAM_SECS: '4',
    ISARTOR__CLOCKS__PLAIN_SECS: '4',
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '0',
    // Each fault by itself: no provider is passed over for the ones before.
    ISARTOR__L3__BREAKER__FAILURES: '1000',
  };
}
