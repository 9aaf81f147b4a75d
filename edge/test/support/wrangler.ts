import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A running wrangler and what it has said so far. */
export interface WranglerRun {
  readonly process: ChildProcess;
  output(): string;
  readonly exitCode: Promise<number | null>;
}

/** Runs wrangler on the Worker, offline, with nothing of our environment but what is given. */
export function wrangler(args: readonly string[], settings: Readonly<Record<string, string>> = {}): WranglerRun {
  const manifest = findPackageJSON('wrangler', import.meta.url);
  if (manifest === undefined) throw new Error('wrangler is not installed: run npm install');
  const script = join(dirname(manifest), 'bin', 'wrangler.js');
  const child = spawn(process.execPath, [script, ...args, '-c', join(import.meta.dirname, '../../wrangler.jsonc')], {
    env: {
      HOME: process.env['HOME'],
      PATH: process.env['PATH'],
      CI: '1',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      CLOUDFLARE_INCLUDE_PROCESS_ENV: 'true',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { process: child, output: () => output, exitCode };
}

/** A folder of its own for what a run of wrangler writes. */
export function scratchFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'isartor-edge-'));
}

/** Starts the Worker as `wrangler dev` does, on a free port. */
export async function startWranglerDev(
  settings: Readonly<Record<string, string>>,
): Promise<WranglerRun & { url: string }> {
  const local = ['--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0', '--persist-to', await scratchFolder()];
  const run = wrangler(['dev', ...local], settings);
  const url = await new Promise<string>((resolve, reject) => {
    run.process.stdout?.on('data', () => {
      const ready = /Ready on (http:\/\/127\.0\.0\.1:\d+)/.exec(run.output())?.[1];
      if (ready !== undefined) resolve(ready);
    });
    run.process.once('exit', () => reject(new Error(`wrangler dev ended:\n${run.output()}`)));
  });
  return { ...run, url };
}
