import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatCoreLine } from './core-log-line.ts';
import { isEdgeReport, type EdgeOrder } from './edge-channel.ts';
import type { Environment } from './environment.ts';
import { Fault } from './fault.ts';
import { localUrl } from './host-port.ts';
import { ManagedProcess, type Exit, type ProcessSpec } from './managed-process.ts';
import type { StackPlan } from './stack-plan.ts';
import { waitUntilReady } from './wait-until-ready.ts';
import { wranglerEnvironment } from './wrangler-environment.ts';

const READY_WITHIN_MS = 110_000;
const HERE = import.meta.dirname;

/** How the stack is run, apart from its plan. */
export interface StackContext {
  readonly root: string;
  readonly stateDir: string;
  readonly env: Environment;
  /** How long a child may take to end before it is made to. */
  readonly graceMs: number;
  /** Called with each line that the Worker logs. */
  readonly onWorkerLog: (level: string, message: string) => void;
  /** Called with what else the user should see. */
  readonly onLine: (line: string) => void;
}

/** Core, Worker and what they need, as processes of this one. */
export class Stack {
  readonly #plan: StackPlan;
  readonly #context: StackContext;
  readonly #children: ManagedProcess[] = [];
  readonly #failure = Promise.withResolvers<never>();
  readonly #starting = new AbortController();
  #stopping: Promise<unknown> | undefined;
  #portLost = false;

  constructor(plan: StackPlan, context: StackContext) {
    this.#plan = plan;
    this.#context = context;
    this.#failure.promise.catch(() => this.#starting.abort());
  }

  /** Rejects with a Fault when a part ends that should run. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /** Did a part find its port taken, although it was free when the plan was made? */
  get portLost(): boolean {
    return this.#portLost;
  }

  /** Starts all parts at once; resolves when each is ready. @throws Fault */
  async start(): Promise<void> {
    const parts = [this.#core(), this.#edge(), this.#standin(), this.#restServer()];
    const deadline = setTimeout(() => {
      this.#failure.reject(new Fault(`not ready after ${READY_WITHIN_MS / 1000} s`));
    }, READY_WITHIN_MS);
    try {
      await Promise.race([Promise.all(parts), this.failure]);
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Ends everything; calling it again waits for the same end. */
  async stop(): Promise<void> {
    this.#stopping ??= Promise.all(this.#children.map((child) => child.stop(this.#context.graceMs)));
    this.#starting.abort();
    await this.#stopping;
  }

  /** Ends everything this instant. */
  kill(): void {
    for (const child of this.#children) child.signalGroup('SIGKILL');
  }

  async #core(): Promise<void> {
    const { root, onLine } = this.#context;
    let refusal: string | undefined;
    const preload = pathToFileURL(join(HERE, 'stop-with-parent.preload.ts')).href;
    this.#spawn({
      name: 'the core',
      args: [
        '--enable-source-maps',
        '--conditions=isartor-source',
        '--import',
        preload,
        '--import',
        '@oxc-node/core/register',
        join('core', 'src', 'main.ts'),
      ],
      cwd: root,
      env: this.#plan.coreEnv,
      onLine: (line) => {
        if (line.startsWith('The core could not start: ')) refusal = line;
        // The core logs a taken port before it says so: once is enough.
        const shown = refusal === undefined && !line.includes('EADDRINUSE') ? formatCoreLine(line) : undefined;
        if (shown !== undefined) onLine(shown);
      },
      explain: () => refusal,
    });
    await waitUntilReady(`${localUrl(this.#plan.core)}/readyz`, this.#starting.signal);
  }

  async #edge(): Promise<void> {
    const { root, stateDir, onWorkerLog } = this.#context;
    const ready = Promise.withResolvers<void>();
    let told: string | undefined;
    const child = this.#spawn({
      name: 'the edge',
      args: [join(HERE, 'edge-process.ts')],
      cwd: root,
      env: { ...this.#plainEnv(), ...wranglerEnvironment(stateDir) },
      // Its own output is wrangler's and workerd's; what matters of it comes by the channel.
      onLine: () => {},
      onMessage: (message) => {
        if (!isEdgeReport(message)) return;
        if (message.kind === 'ready') ready.resolve();
        else if (message.kind === 'log') onWorkerLog(message.level, message.message);
        else told ??= message.message;
      },
      explain: () => told,
    });
    const order: EdgeOrder = {
      configFile: join(root, 'edge', 'wrangler.jsonc'),
      listen: this.#plan.edge,
      worker: this.#plan.worker,
    };
    child.send(order);
    await ready.promise;
  }

  async #standin(): Promise<void> {
    const { standin } = this.#plan;
    if (standin === undefined) return;
    await this.#ownServer('the stand-in', join(HERE, '..', 'standin-model-server.ts'), {
      ISARTOR_STANDIN_PORT: String(standin.port),
      ISARTOR_STANDIN_TOKENS_PER_S: String(standin.tokensPerSecond),
    });
  }

  async #restServer(): Promise<void> {
    const { restServer } = this.#plan;
    if (restServer === undefined) return;
    await this.#ownServer('the Redis REST server', join(HERE, 'upstash-process.ts'), {
      UPSTASH_PORT: String(restServer.port),
      UPSTASH_TOKEN: restServer.token,
      UPSTASH_REDIS: restServer.redisUrl,
    });
  }

  /** A server of this folder, which says by the channel when it listens. */
  async #ownServer(name: string, file: string, env: Environment): Promise<void> {
    const ready = Promise.withResolvers<void>();
    let told: string | undefined;
    this.#spawn({
      name,
      args: [file],
      cwd: this.#context.root,
      env: { ...this.#plainEnv(), ...env },
      onLine: (line, stream) => {
        if (line.startsWith('isartor: ')) told = line.slice('isartor: '.length);
        else if (stream === 'stderr') this.#context.onLine(`${name}: ${line}`);
      },
      onMessage: () => ready.resolve(),
      explain: () => told,
    });
    await ready.promise;
  }

  #spawn(spec: Omit<ProcessSpec, 'command'> & { readonly explain?: () => string | undefined }): ManagedProcess {
    const child = new ManagedProcess({ ...spec, command: process.execPath });
    this.#children.push(child);
    void this.#watch(child, spec.explain);
    return child;
  }

  async #watch(child: ManagedProcess, explain: (() => string | undefined) | undefined): Promise<void> {
    const exit = await child.exited;
    if (this.#stopping !== undefined) return;
    const fault = explain?.() ?? ended(child.name, exit);
    this.#portLost ||= /EADDRINUSE|already in use/i.test(fault);
    this.#failure.reject(new Fault(fault));
  }

  /** For parts that need no setting: the user's environment without ours and without secrets of others. */
  #plainEnv(): Environment {
    const mine = Object.entries(this.#context.env).filter(
      ([name]) => !/^(ISARTOR|UPSTASH_|OPENAI_|npm_|NODE_OPTIONS$)/.test(name),
    );
    return Object.fromEntries(mine);
  }
}

function ended(name: string, { code, signal, error }: Exit): string {
  if (error !== undefined) return `${name} could not be started: ${error.message}`;
  return `${name} ended ${signal === null ? `with status ${code}` : `by ${signal}`}`;
}
