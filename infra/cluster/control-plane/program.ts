import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../conformance/support/render.ts';
import { spawnBound } from '../support/bound-process.ts';

const STOP_MS = 10_000;
const TAIL = 4_000;

/** A program of the control plane as a process, with its log in a file of `folder`, where it also runs. */
export class Program {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #ended: Promise<unknown>;

  constructor(name: string, args: readonly string[], folder: string, env: Readonly<Record<string, string>> = {}) {
    const path = findTool(name);
    if (path === undefined) throw new Error(`there is no ${name} (bash infra/tools/cluster.sh)`);
    this.#log = join(folder, `${name}.log`);
    const log = openSync(this.#log, 'w');
    this.#child = spawnBound(path, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#ended = once(this.#child, 'close');
  }

  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The end of its log. */
  said(): string {
    return readFileSync(this.#log, 'utf8').slice(-TAIL);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
