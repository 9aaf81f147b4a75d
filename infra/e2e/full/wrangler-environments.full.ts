import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../../local/src/stack/paths.ts';
import { wranglerEnvironment } from '../../local/src/stack/wrangler-environment.ts';

const run = promisify(execFile);

it.each([
  ['dev', 'https://api.dev.isartor.example.com'],
  ['staging', 'https://api.staging.isartor.example.com'],
  ['production', 'https://api.isartor.example.com'],
])('wrangler would deploy to %s, with nothing secret in the configuration', async (environment, core) => {
  const folder = mkdtempSync(join(tmpdir(), 'isartor-wrangler-'));
  const args = ['deploy', '--dry-run', '--env', environment, '--outdir', folder, '--config', 'edge/wrangler.jsonc'];
  const { stdout, stderr } = await run(join(ROOT, 'node_modules/.bin/wrangler'), args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: folder, ...wranglerEnvironment(folder) },
    timeout: 60_000,
  });
  expect(stdout).toContain(core);
  expect(stdout.match(/\benv\.\w+/g)).toEqual(['env.ISARTOR__CORE_URL']);
  expect(stdout + stderr).not.toMatch(/WARNING|unexpected field/i);
  // One artefact: what the other environments and the image run.
  expect(readFileSync(join(folder, 'worker.js'), 'utf8')).toBe(readFileSync(join(ROOT, 'edge/dist/worker.js'), 'utf8'));
  rmSync(folder, { recursive: true });
});

it('production has the edge’s own host, and the Ingress is its core', () => {
  const text = readFileSync(join(ROOT, 'edge/wrangler.jsonc'), 'utf8');
  const production = text.slice(text.indexOf('"production"'));
  expect(production).toContain('{ "pattern": "edge.isartor.example.com", "custom_domain": true }');
  expect(production).toContain('"workers_dev": false');
});
