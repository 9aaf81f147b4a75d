import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { workerEnvironment } from './worker-environment.ts';

it('passes on what the Worker reads, secrets apart, and nothing else', () => {
  const bindings = workerEnvironment({
    ISARTOR__CORE_URL: 'http://c',
    ISARTOR__GATEWAY_API_KEY: 'k',
    ISARTOR__EDGE_SECRET: '',
    ISARTOR__EXTERNAL_LLM_API_KEY: 'not for the edge',
    OPENAI_API_KEY: 'neither',
  });
  expect(bindings).toEqual({
    variables: { ISARTOR__CORE_URL: 'http://c' },
    secrets: { ISARTOR__GATEWAY_API_KEY: 'k' },
  });
});

it('reads a secret from the file that its variable names', () => {
  const dir = mkdtempSync(join(tmpdir(), 'secret-'));
  const file = join(dir, 'key');
  writeFileSync(file, 'from-file\n');
  expect(workerEnvironment({ ISARTOR__GATEWAY_API_KEY_FILE: file }).secrets).toEqual({
    ISARTOR__GATEWAY_API_KEY: 'from-file',
  });
  rmSync(dir, { recursive: true });
  expect(() => workerEnvironment({ ISARTOR__GATEWAY_API_KEY_FILE: file })).toThrow(
    /^ISARTOR__GATEWAY_API_KEY_FILE cannot be read/,
  );
});
