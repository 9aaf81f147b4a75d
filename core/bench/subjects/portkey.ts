import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startChild } from '../child.ts';
import type { Contestant } from '../contest.ts';
import type { Bench } from '../group.ts';
import { CHAT, untilOk } from './core.ts';

const VERSION = '1.15.2';
/** Its streams break with later ones of the same range. */
const PINS = { hono: '4.9.7', '@hono/node-server': '1.14.0' };
const INSTALL_WITHIN_MS = 180_000;

/** Portkey's gateway from npm, installed into a cache folder of its own; undefined where it cannot be installed. */
export async function startPortkey(bench: Bench): Promise<Contestant | undefined> {
  try {
    const folder = await install();
    const port = await freePort();
    const main = join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
    const child = startChild({ name: 'Portkey', args: [main, '--headless', `--port=${port}`] });
    bench.defer(() => child.stop());
    const origin = `http://127.0.0.1:${port}`;
    await untilOk(origin);
    return {
      name: `Portkey ${VERSION}`,
      origin,
      path: CHAT,
      pid: child.pid,
      headers: {
        authorization: 'Bearer sk-bench',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `${bench.upstreamUrl}/v1`,
      },
    };
  } catch (error) {
    bench.skip(`Portkey: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
    return undefined;
  }
}

async function install(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'isartor', `bench-portkey-${VERSION}`);
  await mkdir(folder, { recursive: true });
  const manifest = { private: true, dependencies: { '@portkey-ai/gateway': VERSION, ...PINS }, overrides: PINS };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // A folder without a workspace of its own above it, so that nothing of the repository's is touched.
  await promisify(execFile)('npm', args, { cwd: folder, timeout: INSTALL_WITHIN_MS });
  return folder;
}
