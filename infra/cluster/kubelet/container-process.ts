import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { spawnBound } from '../support/bound-process.ts';
import type { Container, Exec, PreStop, Probe } from './pod.ts';

/** A process in the place of a container: its command, folder and whole environment. */
export interface LocalCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const LOG_CHARACTERS = 8_000;
/** What the kubelet gives a container at least once its preStop hook has used up the grace period. */
const LEAST_GRACE_MS = 2_000;

/** A container as a process of this machine, with the pod's address as its network. */
export class ContainerProcess {
  readonly #child: ChildProcess;
  readonly #container: Container;
  readonly #address: string;
  readonly #local: LocalCommand;
  #log = '';
  /** Its exit code, or null after a signal. */
  readonly ended: Promise<number | null>;

  /** @param address the pod's on this machine: all that the container binds is bound there */
  constructor(container: Container, local: LocalCommand, address: string) {
    this.#container = container;
    this.#address = address;
    this.#local = local;
    const [program = '', ...args] = local.command;
    this.#child = spawnBound(program, args, { cwd: local.cwd, env: local.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_CHARACTERS);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.ended = once(this.#child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The end of what it printed. */
  get log(): string {
    return this.#log;
  }

  /** Asks a probe once. */
  async ask({ httpGet, exec }: Probe, timeoutMs: number): Promise<boolean> {
    if (exec !== undefined) return this.#execute(exec, timeoutMs);
    if (httpGet === undefined) return true;
    const url = `http://${this.#address}:${this.#port(httpGet.port)}${httpGet.path ?? '/'}`;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers: { connection: 'close' } });
      await answer.body?.cancel();
      return answer.status >= 200 && answer.status < 400;
    } catch {
      return false;
    }
  }

  /** Ends it as the kubelet does: preStop, SIGTERM, and SIGKILL when the grace period is over. */
  async terminate(graceSeconds: number): Promise<void> {
    const deadline = performance.now() + graceSeconds * 1_000;
    const { preStop } = this.#container.lifecycle ?? {};
    if (graceSeconds > 0 && preStop !== undefined) await this.#preStop(preStop, graceSeconds * 1_000);
    if (graceSeconds > 0) {
      this.#child.kill('SIGTERM');
      await this.#endsWithin(Math.max(LEAST_GRACE_MS, deadline - performance.now()));
    }
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async #preStop({ exec, sleep }: PreStop, limitMs: number): Promise<void> {
    const hook =
      exec === undefined ? pause(Math.min(limitMs, (sleep?.seconds ?? 0) * 1_000)) : this.#execute(exec, limitMs);
    await Promise.race([hook, this.ended]);
  }

  async #endsWithin(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    await Promise.race([this.ended, pause(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }

  #execute({ command: [program = '', ...args] }: Exec, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      execFile(program, args, { env: this.#local.env, timeout: timeoutMs }, (error) => resolve(error === null));
    });
  }

  #port(port: string | number): number {
    if (typeof port === 'number') return port;
    const named = this.#container.ports?.find(({ name }) => name === port);
    if (named === undefined) throw new Error(`the container has no port ${port}`);
    return named.containerPort;
  }
}
