import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { INFRA } from './render.ts';

const CORE = join(INFRA, '..', 'core');
const START_MS = 25_000;
const STOP_MS = 10_000;

/** A core that runs, from source, as a process of its own. */
export interface RunningCore {
  readonly origin: string;
  /** All that it has logged so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts the core with exactly this environment and listens on a free port; rejects with what it says when it will not. */
export async function startCore(env: Readonly<Record<string, string>>): Promise<RunningCore> {
  const flags = ['--conditions=isartor-source', '--import', '@oxc-node/core/register'];
  const child = spawn(process.execPath, [...flags, join(CORE, 'src', 'main.ts')], {
    cwd: CORE,
    env: { PATH: process.env['PATH'] ?? '', ...env, ISARTOR__HOST_PORT: '127.0.0.1:0', ISARTOR__METRICS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const url = /"url":"([^"]+)"/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const timeout = AbortSignal.timeout(START_MS);
  const late = once(timeout, 'abort').then(() => 'it did not start in time');
  const failed = Promise.race([ended.then(() => 'it ended'), late]).then((why) => {
    throw new Error(`the core: ${why}: ${said.join('\n')}`);
  });
  failed.catch(() => undefined);
  try {
    return { origin: await Promise.race([listening, failed]), log: () => said.join('\n'), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
