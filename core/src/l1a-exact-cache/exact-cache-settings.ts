import type { ExactCacheSettings } from './cache-plan.ts';

/** Settings of this layer and the policy hash under which it reads and stores. */
export interface ExactCacheLayerSettings extends ExactCacheSettings {
  readonly policy: string;
}

/** Token of the settings. */
export const ExactCacheLayerSettings = Symbol('ExactCacheLayerSettings');
