import type { StandIns } from '../pipeline/stand-ins.ts';
import type { ExactCacheSettings } from './cache-plan.ts';

/** Settings of this layer and the policy hash under which it reads and stores. */
export interface ExactCacheLayerSettings extends ExactCacheSettings {
  readonly policy: string;
  /** Whose answers are read and stored under a policy of their own; absent: nobody's. */
  readonly standIns?: StandIns | undefined;
}

/** Token of the settings. */
export const ExactCacheLayerSettings = Symbol('ExactCacheLayerSettings');
