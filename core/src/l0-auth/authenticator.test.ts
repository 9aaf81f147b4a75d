import type { KeyRecord } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../sha256-hex.ts';
import { Authenticator } from './authenticator.ts';

const unknown = expect.objectContaining({ code: 'invalid_api_key' });
const acme: KeyRecord = {
  tenant: 'acme',
  name: 'web',
  sha256: sha256Hex('acme-key'),
  cache: 'both',
  ttlSecs: undefined,
  layers: undefined,
  notAfter: 1_000,
};

function authenticatorAt(nowMs: () => number): (key: string) => string {
  const authenticator = new Authenticator({ mode: 'on', keys: [acme], edgeSecret: undefined, edgeOnly: false }, nowMs);
  return (key) =>
    authenticator.authenticate((name) => (name === 'x-api-key' ? key : undefined), undefined, false).tenant;
}

describe('Authenticator', () => {
  it('knows a key until its last moment, however often it was good before', () => {
    let nowMs = 999;
    const tenantOf = authenticatorAt(() => nowMs);
    expect([tenantOf('acme-key'), tenantOf('acme-key')]).toEqual(['acme', 'acme']);
    nowMs = 1_000;
    expect(tenantOf('acme-key')).toBe('acme');
    nowMs = 1_001;
    expect(() => tenantOf('acme-key')).toThrow(unknown);
  });

  it('does not take a key for another that was good before', () => {
    const tenantOf = authenticatorAt(() => 0);
    expect(tenantOf('acme-key')).toBe('acme');
    for (const other of ['acme-kez', 'acme-key2', 'acme-ke', sha256Hex('acme-key')]) {
      expect(() => tenantOf(other)).toThrow(unknown);
    }
  });
});
