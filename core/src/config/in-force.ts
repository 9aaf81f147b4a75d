import { SETTING_ROWS } from './config.schema.ts';
import type { ResolvedSettings } from './resolve-settings.ts';
import { showValue } from './show-value.ts';

/** One setting as it holds. */
export interface SettingInForce {
  /** In `isartor.yaml`. */
  readonly name: string;
  /** Its value as text; of a secret only whether it is set. */
  readonly shown: string;
  /** The name it was given under, or `default`. */
  readonly from: string;
}

/** All settings, in the order of the reference. */
export function settingsInForce({ given, shown }: ResolvedSettings): readonly SettingInForce[] {
  return SETTING_ROWS.map(([key, row]) => {
    const from = given.get(key);
    const value =
      from === undefined ? showDefault(row.default, row.secret) : row.secret ? 'set' : (shown.get(key) ?? '?');
    return { name: row.path, shown: value, from: from ?? 'default' };
  });
}

function showDefault(value: unknown, secret: boolean): string {
  return value === undefined ? 'not set' : showValue(value, secret);
}
