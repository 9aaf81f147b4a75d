import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Environment } from './environment.ts';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when it could not even be started. */
  readonly error?: Error;
}

/** What to run. Secrets belong in `env`, never in `args`: anyone on the machine can read a command line. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly onMessage?: (message: unknown) => void;
}

/** A child with everything that it starts in turn: one process group, ended as a whole. */
export class ManagedProcess {
  readonly name: string;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;

  constructor(spec: ProcessSpec) {
    this.name = spec.name;
    this.#child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      // A group of its own: Ctrl-C reaches the supervisor alone, which then ends the children in its own way.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'json',
    });
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise.then((exit) => (this.#exit = exit));
    this.#child.once('error', (error) => resolve({ code: null, signal: null, error }));
    // 'close' comes after the last line of output was read, 'exit' may come before. A grandchild that outlives the child
    // holds the pipes open, so the group is swept at 'exit'.
    this.#child.once('exit', () => this.signalGroup('SIGKILL'));
    this.#child.once('close', (code, signal) => resolve({ code, signal }));
    if (spec.onMessage !== undefined) this.#child.on('message', spec.onMessage);
    for (const stream of ['stdout', 'stderr'] as const) {
      const source = this.#child[stream];
      if (source !== null) createInterface({ input: source }).on('line', (line) => spec.onLine(line, stream));
    }
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Sends a message by the channel. */
  send(message: object): void {
    // A child that is gone already is reported by its exit.
    this.#child.send(message, () => {});
  }

  /** Sends a signal to every process of the group; false when there is none left. */
  signalGroup(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      process.kill(-pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Asks the child to end, and after `graceMs` makes its whole group end. Resolves when it has. */
  async stop(graceMs: number): Promise<void> {
    if (this.#child.pid === undefined) return;
    if (this.#exit === undefined) {
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.signalGroup('SIGKILL'), graceMs);
      await this.exited;
      clearTimeout(timer);
    }
    this.signalGroup('SIGKILL');
  }
}
