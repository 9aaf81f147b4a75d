import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire, findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { wranglerEnvironment } from '../../../infra/local/src/stack/wrangler-environment.ts';
import { startChild } from '../child.ts';
import type { Bench } from '../group.ts';

/** `wrangler.jsonc` of Isartor's Worker. */
export const ISARTOR = join(import.meta.dirname, '..', '..', '..', 'edge', 'wrangler.jsonc');
/** Of a Worker that reads the body and returns constant bytes. */
export const EMPTY = join(import.meta.dirname, '..', 'empty-worker', 'wrangler.jsonc');

/** Builds what a deployment would upload; the folder with `worker.js` lives as long as the group. */
export async function bundleWorker(bench: Bench, configFile: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isartor-bench-worker-'));
  bench.defer(() => rm(folder, { recursive: true, force: true }));
  const out = join(folder, 'out');
  const script = join(dirname(wranglerManifest()), 'bin', 'wrangler.js');
  const child = startChild({
    name: 'wrangler',
    args: [script, 'deploy', '--dry-run', '--outdir', out, '-c', configFile],
    env: wranglerEnvironment(folder),
  });
  if ((await child.exitCode) !== 0) throw new Error(`wrangler could not bundle ${configFile}`);
  return out;
}

/** The runtime that comes with wrangler. */
export function workerdProgram(): string {
  const require = createRequire(wranglerManifest());
  const manifest = require.resolve('workerd/package.json');
  return join(dirname(manifest), 'bin', 'workerd');
}

function wranglerManifest(): string {
  const manifest = findPackageJSON('wrangler', import.meta.url);
  if (manifest === undefined) throw new Error('wrangler is not installed: run npm install');
  return manifest;
}
