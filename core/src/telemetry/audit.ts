import type { KeyRecord } from '@isartor/shared';
import type { SettingInForce } from '../config/in-force.ts';
import type { Logger } from './log.ts';

/** Hex digits of a key's digest that tell it from others and are no use to who wants to guess it. */
const DIGEST_SHOWN = 8;

/** Token of the audit log: lines with `audit: true`, told at every level but `silent`. */
export const Audit = Symbol('Audit');

/** What was decided and by whom, apart from how requests fared. */
export function auditOf(log: Logger): Logger {
  return log.child({ audit: true }, { level: log.level === 'silent' ? 'silent' : 'info' });
}

/** Tells under what settings and for which keys the process starts; of a secret only whether there is one. */
export function auditStart(log: Logger, settings: readonly SettingInForce[], keys: readonly KeyRecord[]): void {
  const inForce = Object.fromEntries(
    settings.map(({ name, shown, from }) => [name, from === 'default' ? shown : `${shown} (${from})`]),
  );
  const known = keys.map(({ tenant, name, sha256, notAfter }) => ({
    tenant,
    name,
    digest: sha256.slice(0, DIGEST_SHOWN),
    notAfter,
  }));
  auditOf(log).info({ settings: inForce, keys: known }, 'the core starts with these settings and keys');
}
