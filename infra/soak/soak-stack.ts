import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isEdgeReport, type EdgeOrder } from '../local/src/stack/edge-channel.ts';
import { Fault } from '../local/src/stack/fault.ts';
import { localUrl } from '../local/src/stack/host-port.ts';
import { ManagedProcess, type Exit, type ProcessSpec } from '../local/src/stack/managed-process.ts';
import { ROOT, STATE_DIR } from '../local/src/stack/paths.ts';
import { freePort } from '../local/src/testing/free-port.ts';
import { planStack, type StackPlan } from '../local/src/stack/stack-plan.ts';
import { waitUntilReady } from '../local/src/stack/wait-until-ready.ts';
import { wranglerEnvironment } from '../local/src/stack/wrangler-environment.ts';
import { testRedis, type StartedRedis } from '../local/src/testing/index.ts';
import { isCoreFigures, type CoreFigures } from './core-figures.ts';

const STACK = join(ROOT, 'infra', 'local', 'src', 'stack');
const BUILT_CORE = join(ROOT, 'core', 'dist', 'main.js');
const READY_WITHIN_MS = 90_000;
const GRACE_MS = 10_000;
const FIGURES_WITHIN_MS = 15_000;
const ERROR_LEVEL = 50;
/** In the log line of a request whose provider failed: the soak's own doing. */
const INJECTED = '"error":{"code":"upstream_';

/** The keys of the stack under soak. */
export const SOAK_KEY = 'isk-soak';
const SOAK_ADMIN_KEY = 'isk-soak-admin';

/** Redis, the built core, and the Worker in workerd unless it is left out; each a process of its own. */
export class SoakStack {
  readonly #plan: StackPlan;
  readonly #core: ManagedProcess;
  readonly #edgeParts: readonly ManagedProcess[];
  readonly #failure: Promise<never>;
  readonly #complaints: string[];
  #redis: StartedRedis;
  #stopping = false;
  #figures: ((figures: CoreFigures) => void) | undefined;

  private constructor(plan: StackPlan, redis: StartedRedis, coreOnly: boolean) {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    this.#plan = plan;
    this.#redis = redis;
    this.#complaints = [];
    this.#failure = failed.promise;
    const spawned = (spec: Omit<ProcessSpec, 'command' | 'cwd'>): ManagedProcess => {
      const child = new ManagedProcess({ ...spec, command: process.execPath, cwd: ROOT });
      const ended = ({ code, signal }: Exit): void => {
        if (!this.#stopping) failed.reject(new Fault(`${child.name} ended by itself (${signal ?? code})`));
      };
      void child.exited.then(ended);
      return child;
    };
    this.#core = spawned({
      name: 'the core',
      args: [
        '--expose-gc',
        '--import',
        pathToFileURL(join(STACK, 'stop-with-parent.preload.ts')).href,
        '--import',
        pathToFileURL(join(import.meta.dirname, 'core-probe.preload.ts')).href,
        BUILT_CORE,
      ],
      // As `npm run start:core` sets them.
      env: { ...plan.coreEnv, MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' },
      onLine: (line) => this.#heard(line),
      onMessage: (message) => {
        if (isCoreFigures(message)) this.#figures?.(message);
      },
    });
    this.#edgeParts = coreOnly ? [] : this.#startEdge(spawned, failed.reject);
  }

  /** Starts everything and waits until it is ready. @throws Fault */
  static async start(upstreamUrl: string, coreOnly: boolean): Promise<SoakStack> {
    if (!existsSync(BUILT_CORE)) throw new Fault('the core is not built: npm run build');
    const redis = await testRedis({ own: true });
    if ('skip' in redis) throw new Fault(redis.skip);
    const { PATH, HOME, TMPDIR } = process.env;
    const plan = await planStack(
      {
        PATH,
        ...(HOME !== undefined && { HOME }),
        ...(TMPDIR !== undefined && { TMPDIR }),
        ISARTOR__HOST_PORT: `127.0.0.1:${await freePort()}`,
        ISARTOR__METRICS_PORT: String(await freePort()),
        ISARTOR_EDGE_PORT: String(await freePort()),
        ISARTOR__GATEWAY_API_KEY: SOAK_KEY,
        ISARTOR__ADMIN_KEY: SOAK_ADMIN_KEY,
        ISARTOR__EXTERNAL_LLM_URL: upstreamUrl,
        ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-soak',
        ISARTOR__CACHE_BACKEND: 'redis',
        ISARTOR__REDIS_URL: redis.url,
        // Short, so that entries come and go many times.
        ISARTOR__CACHE_TTL_SECS: '15',
        ISARTOR__CACHE_STALE_SECS: '30',
        ISARTOR__LOG_LEVEL: 'warn',
      },
      { root: ROOT, stateDir: STATE_DIR },
    );
    const stack = new SoakStack(plan, redis, coreOnly);
    const deadline = AbortSignal.timeout(READY_WITHIN_MS);
    try {
      const ready = Promise.all(
        [stack.coreOrigin, stack.origin].map((url) => waitUntilReady(`${url}/readyz`, deadline)),
      );
      await Promise.race([ready, stack.failure]);
    } catch (error) {
      await stack.stop();
      throw error;
    }
    return stack;
  }

  /** Where clients ask: the Worker, or the core when it is alone. */
  get origin(): string {
    return this.#edgeParts.length === 0 ? this.coreOrigin : localUrl(this.#plan.edge);
  }

  get coreOrigin(): string {
    return localUrl(this.#plan.core);
  }

  get corePid(): number | undefined {
    return this.#core.pid;
  }

  /** Rejects when a part ends that should run. */
  get failure(): Promise<never> {
    return this.#failure;
  }

  /** What the core has logged as an error, the provider's failures apart. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Asks the core's process what it holds; it collects its garbage first. */
  async figures(): Promise<CoreFigures> {
    const { promise, resolve, reject } = Promise.withResolvers<CoreFigures>();
    this.#figures = resolve;
    const timer = setTimeout(() => reject(new Fault('the core does not tell its figures')), FIGURES_WITHIN_MS);
    this.#core.send(FIGURES);
    try {
      return await Promise.race([promise, this.#failure]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The core's metrics, as Prometheus reads them. */
  async metrics(): Promise<string> {
    const url = `http://${this.#plan.core.host}:${this.#plan.coreEnv['ISARTOR__METRICS_PORT']}/metrics`;
    const answer = await fetch(url, { headers: { connection: 'close' } });
    return answer.text();
  }

  /** Purges the tenant, as an operator does; false where Redis did not confirm it. */
  async purge(): Promise<boolean> {
    const answer = await fetch(`${this.coreOrigin}/api/v1/cache?tenant=default`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${SOAK_ADMIN_KEY}`, connection: 'close' },
    });
    await answer.arrayBuffer();
    if (answer.status !== 200 && answer.status !== 503) throw new Fault(`a purge was answered ${answer.status}`);
    return answer.status === 200;
  }

  async killRedis(): Promise<void> {
    if (this.#redis.pid === undefined) throw new Fault('Redis is no process of the soak');
    process.kill(this.#redis.pid, 'SIGKILL');
    await this.#redis.stop();
  }

  /** Starts an empty Redis where the killed one was. */
  async restartRedis(): Promise<void> {
    const redis = await testRedis({ own: true, port: Number(new URL(this.#redis.url).port) });
    if ('skip' in redis) throw new Fault(redis.skip);
    this.#redis = redis;
  }

  /** Ends the Worker and what it needs, so that its connections to the core end too. */
  async stopEdge(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#edgeParts.map((part) => part.stop(GRACE_MS)));
  }

  /** Ends everything. Resolves with the core's exit code. */
  async stop(): Promise<number | null> {
    await this.stopEdge();
    await this.#core.stop(GRACE_MS);
    await this.#redis.stop();
    return this.#core.exit?.code ?? null;
  }

  #heard(line: string): void {
    const level = /^\{"level":(\d+)/.exec(line)?.[1];
    if (line.includes('"msg":"request"') && line.includes(INJECTED)) return;
    if (level === undefined || Number(level) >= ERROR_LEVEL) this.#complaints.push(line.slice(0, 500));
  }

  #startEdge(
    spawned: (spec: Omit<ProcessSpec, 'command' | 'cwd'>) => ManagedProcess,
    fail: (error: Error) => void,
  ): readonly ManagedProcess[] {
    const { restServer, edge, worker } = this.#plan;
    if (restServer === undefined) throw new Fault('the Worker needs the Redis REST server');
    const env = plainEnvironment();
    const quiet = { onLine: () => undefined };
    const rest = spawned({
      ...quiet,
      name: 'the Redis REST server',
      args: [join(STACK, 'upstash-process.ts')],
      env: {
        ...env,
        UPSTASH_PORT: String(restServer.port),
        UPSTASH_TOKEN: restServer.token,
        UPSTASH_REDIS: restServer.redisUrl,
      },
    });
    const part = spawned({
      ...quiet,
      name: 'the edge',
      args: [join(STACK, 'edge-process.ts')],
      env: { ...env, ...wranglerEnvironment(STATE_DIR) },
      onMessage: (message) => {
        if (isEdgeReport(message) && message.kind === 'fault') fail(new Fault(message.message));
      },
    });
    const order: EdgeOrder = { configFile: join(ROOT, 'edge', 'wrangler.jsonc'), listen: edge, worker };
    part.send(order);
    return [part, rest];
  }
}

/** What core-probe.preload.ts listens for. */
const FIGURES = { ask: 'figures' };

function plainEnvironment(): Readonly<Record<string, string | undefined>> {
  const ours = /^(ISARTOR|UPSTASH_|OPENAI_|VITEST|npm_|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
