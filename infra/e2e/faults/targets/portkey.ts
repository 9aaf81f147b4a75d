import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fakeUpstream } from '@isartor/shared/testing';
import { choosePort } from '../../../local/src/stack/choose-port.ts';
import type { Target } from './target.ts';

/** The version that is compared with. */
export const PORTKEY_VERSION = '1.15.2';
/** With later ones of the same range its streams break. */
const PINS = { hono: '4.9.7', '@hono/node-server': '1.14.0' };
const START_WITHIN_MS = 30_000;
const INSTALL_WITHIN_MS = 180_000;

/** Portkey's gateway from npm, installed on demand into a cache folder of its own. */
export async function startPortkey(): Promise<Target> {
  const folder = await install();
  const upstream = await fakeUpstream();
  const { port } = await choosePort({ host: '127.0.0.1', port: 18_787 }, { configuredBy: undefined, taken: new Set() });
  const main = join(folder, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');
  const child = spawn(process.execPath, [main, '--headless', `--port=${port}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: 'ignore',
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilUp(origin);
  return {
    origin,
    headers: {
      authorization: 'Bearer sk-faults',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': upstream.url,
    },
    upstream,
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await upstream.close();
    },
  };
}

async function install(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'isartor', `portkey-${PORTKEY_VERSION}`);
  await mkdir(folder, { recursive: true });
  const manifest = {
    private: true,
    dependencies: { '@portkey-ai/gateway': PORTKEY_VERSION, ...PINS },
    overrides: PINS,
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // Without what npm hands to its scripts, which would lead it back into this workspace.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name)));
  await promisify(execFile)('npm', args, { cwd: folder, env, timeout: INSTALL_WITHIN_MS });
  return folder;
}

async function untilUp(origin: string): Promise<void> {
  const until = performance.now() + START_WITHIN_MS;
  for (;;) {
    const up = await fetch(origin).then(
      () => true,
      () => false,
    );
    if (up) return;
    if (performance.now() > until) throw new Error(`Portkey does not answer at ${origin}`);
    await pause(50);
  }
}
