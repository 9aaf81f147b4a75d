import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { scratchFolder, wrangler } from './wrangler.ts';

/** The Worker in workerd itself, with nothing between it and its clients' sockets. */
export interface BareWorkerd {
  readonly port: number;
  readonly process: ChildProcess;
  /** What it has complained of so far. */
  readonly errors: () => string;
}

/** Builds the Worker as a deploy does and serves it by `workerd serve`, with the date and flags of wrangler.jsonc. */
export async function startBareWorkerd(settings: Readonly<Record<string, string>>): Promise<BareWorkerd> {
  const folder = await scratchFolder();
  const build = wrangler(['deploy', '--dry-run', '--outdir', folder]);
  if ((await build.exitCode) !== 0) throw new Error(build.output());
  await writeFile(join(folder, 'worker.capnp'), await configOf(settings));
  const manifest = findPackageJSON('workerd', findPackageJSON('wrangler', import.meta.url));
  if (manifest === undefined) throw new Error('workerd is not installed: run npm install');
  // The program itself, or a script that starts it, as the installation left it.
  const program = join(dirname(manifest), 'bin', 'workerd');
  const child = spawn(program, ['serve', 'worker.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
  const control = child.stdio[3];
  if (control === null || control === undefined || !('read' in control)) throw new Error('there is no control pipe');
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: control }).on('line', (line) => {
      const listening = /"event":"listen".*"port":(\d+)/.exec(line)?.[1];
      if (listening !== undefined) resolve(Number(listening));
    });
    child.once('exit', () => reject(new Error(`workerd ended:\n${errors}`)));
  });
  return { port, process: child, errors: () => errors };
}

async function configOf(settings: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(join(import.meta.dirname, '../../wrangler.jsonc'), 'utf8');
  const date = /"compatibility_date": "([^"]+)"/.exec(text)?.[1];
  const flags = /"compatibility_flags": \[([^\]]+)\]/.exec(text)?.[1];
  if (date === undefined || flags === undefined) throw new Error('wrangler.jsonc has no date or no flags');
  const bindings = Object.entries(settings).map(([name, value]) => {
    return `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${date}",
  compatibilityFlags = [${flags}],
  bindings = [${bindings.join(', ')}],
);
`;
}
