import { join } from 'node:path';

/** Variables that keep wrangler to itself: no usage figures, no look-ups, no files in the user's home. */
export function wranglerEnvironment(stateDir: string): Readonly<Record<string, string>> {
  return {
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'false',
    DO_NOT_TRACK: '1',
    // Where wrangler looks for its own settings and keeps its caches.
    XDG_CONFIG_HOME: join(stateDir, 'wrangler'),
    MINIFLARE_CACHE_DIR: join(stateDir, 'wrangler', 'cache'),
    CI: '1',
  };
}
