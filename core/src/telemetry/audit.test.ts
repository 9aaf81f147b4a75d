import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { auditStart } from './audit.ts';

describe('the audit log at the start', () => {
  it('names every setting in force and every key, and no secret, at any level but silent', () => {
    const lines: string[] = [];
    const out = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(chunk.toString());
        done();
      },
    });
    const { inForce, config } = loadConfig({
      env: {
        ISARTOR__GATEWAY_API_KEY: 'planted-gateway-key',
        ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-planted-provider',
        ISARTOR__ADMIN_KEY: 'planted-admin',
        ISARTOR__CACHE_BACKEND: 'redis',
        ISARTOR__REDIS_URL: 'redis://user:planted-password@redis:6379',
        ISARTOR__LAYER2__REPLACES: 'gpt-4o-mini,gpt-4o',
        ISARTOR__OTEL_EXPORTER_HEADERS: 'authorization=planted',
        ISARTOR__AUTH__KEYS: JSON.stringify([{ tenant: 'acme', name: 'ci', sha256: 'ab'.repeat(32) }]),
      },
      yamlText: 'cache_ttl_secs: 60\n',
    });
    auditStart(pino({ level: 'error' }, out), inForce, config.auth.keys);
    auditStart(pino({ level: 'silent' }, out), inForce, config.auth.keys);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('planted');
    const line = JSON.parse(lines[0] ?? '{}') as { audit: boolean; settings: Record<string, string>; keys: unknown[] };
    expect(line.audit).toBe(true);
    expect(line.settings).toMatchObject({
      gateway_api_key: 'set (ISARTOR__GATEWAY_API_KEY)',
      edge_secret: 'not set',
      'exact_cache.redis_url': 'set (ISARTOR__REDIS_URL)',
      cache_ttl_secs: '60 (cache_ttl_secs (isartor.yaml))',
      cache_stale_secs: '3600',
      'exact_cache.provider': '"redis" (ISARTOR__CACHE_BACKEND)',
    });
    expect(Object.keys(line.settings)).toHaveLength(inForce.length);
    expect(line.keys).toEqual([
      { tenant: 'default', name: expect.any(String), digest: expect.stringMatching(/^[0-9a-f]{8}$/) },
      { tenant: 'acme', name: 'ci', digest: 'abababab' },
    ]);
  });
});
