import { AUTH_SETTINGS } from './settings/auth.ts';
import { CACHE_SETTINGS } from './settings/cache.ts';
import { CLOUD_SETTINGS } from './settings/cloud.ts';
import { LIMIT_SETTINGS } from './settings/limits.ts';
import { RECORD_SETTINGS } from './settings/records.ts';
import { SEMANTIC_CACHE_SETTINGS } from './settings/semantic-cache.ts';
import { SERVER_SETTINGS } from './settings/server.ts';
import { SMALL_MODEL_SETTINGS } from './settings/small-model.ts';
import { USAGE_SETTINGS } from './settings/usage.ts';
import type { Setting, ValueOf } from './setting.ts';

/** The one table of settings. Reading, checking, the reference and the editors' schema all follow from it. */
const SETTINGS = {
  ...SERVER_SETTINGS,
  ...AUTH_SETTINGS,
  ...CACHE_SETTINGS,
  ...SEMANTIC_CACHE_SETTINGS,
  ...SMALL_MODEL_SETTINGS,
  ...CLOUD_SETTINGS,
  ...USAGE_SETTINGS,
  ...LIMIT_SETTINGS,
  ...RECORD_SETTINGS,
};

/** The groups of the reference, in its order. */
export const SETTING_GROUPS: readonly (readonly [title: string, rows: Readonly<Record<string, Setting>>])[] = [
  ['Server', SERVER_SETTINGS],
  ['Callers and the edge (L0)', AUTH_SETTINGS],
  ['Caches (L1a, L1b)', CACHE_SETTINGS],
  ['Semantic cache (L1b)', SEMANTIC_CACHE_SETTINGS],
  ['Small model (L2)', SMALL_MODEL_SETTINGS],
  ['Cloud (L3)', CLOUD_SETTINGS],
  ['Usage and cost', USAGE_SETTINGS],
  ['Limits', LIMIT_SETTINGS],
  ['Record of requests', RECORD_SETTINGS],
];

export type SettingKey = keyof typeof SETTINGS;

/** The value of each setting, defaults filled in. */
export type SettingValues = { readonly [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> };

/** Every row with its key, seen alike. */
export const SETTING_ROWS: readonly (readonly [SettingKey, Setting])[] = Object.keys(SETTINGS)
  .filter(isSettingKey)
  .map((key) => [key, SETTINGS[key]]);

function isSettingKey(name: string): name is SettingKey {
  return Object.hasOwn(SETTINGS, name);
}

/** Names under our prefix that only the Worker reads. The core accepts and ignores them, so that one environment serves both. */
export const WORKER_ONLY_ENV: readonly string[] = [
  'ISARTOR__CORE_URL',
  'ISARTOR__EDGE_HEDGE_MS',
  'ISARTOR__UPSTASH_BASE64',
];
