import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..');

/** A core as a process of its own, from source. */
export interface CoreProcess {
  readonly child: ChildProcess;
  /** Where it listens; rejects with its error output when it ended before. */
  readonly origin: Promise<string>;
  /** Exit code and error output. */
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** Starts `main.ts` from source with exactly this environment. */
export function startCoreProcess(env: Readonly<Record<string, string>>): CoreProcess {
  return start(
    ['--conditions=isartor-source', '--import', '@oxc-node/core/register', join(ROOT, 'src', 'main.ts')],
    env,
  );
}

/** Starts the built core as `npm run start:core` does. */
export function startBuiltCore(env: Readonly<Record<string, string>>, nodeFlags: readonly string[] = []): CoreProcess {
  const malloc = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };
  return start([...nodeFlags, join(ROOT, 'dist', 'main.js')], { ...malloc, ...env });
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): CoreProcess {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', ISARTOR__HOST_PORT: '127.0.0.1:0', ISARTOR__METRICS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk) => errors.push(String(chunk)));
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, stderr: errors.join('') }));
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /"url":"([^"]+)"/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const origin = Promise.race([
    listening,
    ended.then(({ code, stderr }) => Promise.reject(new Error(`the core ended with ${code}: ${stderr}`))),
  ]);
  origin.catch(() => undefined);
  return { child, origin, ended };
}
