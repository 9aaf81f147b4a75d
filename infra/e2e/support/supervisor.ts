import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../../local/src/stack/paths.ts';

const run = promisify(execFile);

/** What ended, and what it had said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** The supervisor behind `npm start` as a user's process. */
export class Supervisor {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #stdout: string[] = [];
  readonly #stderr: string[] = [];
  #heard = (): void => {};

  constructor(
    env: NodeJS.ProcessEnv = {},
    command: readonly string[] = [
      process.execPath,
      '--conditions=isartor-source',
      join(ROOT, 'infra/local/src/start.ts'),
    ],
  ) {
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(ISARTOR_|UPSTASH_|OPENAI_|VITEST|NODE_OPTIONS)/.test(name),
    );
    this.#child = spawn(command[0] ?? '', command.slice(1), {
      cwd: ROOT,
      env: { ...Object.fromEntries(clean), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a terminal gives to what is started in it.
      detached: true,
    });
    for (const [stream, lines] of [
      [this.#child.stdout, this.#stdout],
      [this.#child.stderr, this.#stderr],
    ] as const) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        this.#heard();
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr });
        this.#heard();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The first line on standard output, from the first one on, that matches. Throws when the process ends before. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#stdout.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null)
        throw new Error(`ended before ${pattern}:\n${[...this.#stdout, ...this.#stderr].join('\n')}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  /** What Ctrl-C in a terminal does: the signal to every process of the foreground group. */
  interrupt(signal: NodeJS.Signals = 'SIGINT'): void {
    process.kill(-this.pid, signal);
  }

  /** Every process below this one, the grandchildren in groups of their own too. */
  async descendants(): Promise<readonly { readonly pid: number; readonly command: string }[]> {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,args=']);
    const rows = stdout.split('\n').flatMap((row) => {
      const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), ppid: Number(ppid), command }];
    });
    const below = (parent: number): typeof rows =>
      rows.filter((row) => row.ppid === parent).flatMap((row) => [row, ...below(row.pid)]);
    return below(this.pid);
  }
}

/** Waits until none of the processes is left (one that is dead and not yet waited for counts as gone). */
export async function allGone(processes: readonly { readonly pid: number }[], withinMs = 15_000): Promise<boolean> {
  const until = Date.now() + withinMs;
  for (;;) {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,stat=']);
    const alive = new Set(
      stdout.split('\n').flatMap((row) => {
        const [, pid, state] = /^\s*(\d+)\s+(\S+)/.exec(row) ?? [];
        return pid === undefined || state?.startsWith('Z') ? [] : [Number(pid)];
      }),
    );
    if (processes.every(({ pid }) => !alive.has(pid))) return true;
    if (Date.now() > until) return false;
    await pause(50);
  }
}
