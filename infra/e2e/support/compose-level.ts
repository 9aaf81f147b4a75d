import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { COMPOSE_DIR, filledIn, readServices, type ComposeService } from '../../docker/testing/compose-file.ts';
import type { Variables } from '../../docker/testing/interpolate.ts';
import { ManagedProcess } from '../../local/src/stack/managed-process.ts';
import { ROOT } from '../../local/src/stack/paths.ts';
import { waitUntilReady } from '../../local/src/stack/wait-until-ready.ts';
import { freePort } from '../../local/src/testing/free-port.ts';
import { startModelServer } from './model-server.ts';

const run = promisify(execFile);
const READY_WITHIN_MS = 60_000;
const GRACE_MS = 10_000;
/** Where a service listens within its container. */
const PORTS: Readonly<Record<string, number>> = {
  isartor: 8080,
  edge: 8787,
  redis: 6379,
  'redis-rest': 8079,
  'llama-cpp': 8081,
  'vllm-openai': 8000,
  tei: 8082,
};

/** A level that runs, as far as it is ours, Redis and the model servers' protocol. */
export interface ComposeLevel {
  readonly edge: string;
  /** What the processes said, for a test that fails. */
  readonly output: () => string;
  stop(): Promise<void>;
}

/**
 * Starts a Compose file's services as processes of this machine: each from its own command and its environment in the file,
 * in which only the addresses differ (a name and port of the file's network is one of the loopback here) and the folder of
 * the shared secrets. Images of others are stood in for by the same program (Redis) or by one that takes the same command
 * line and speaks the same protocol (the model servers); observability is left out.
 * @param settings what `.env.full` holds
 * @param redisServer a Redis 8 program, for the levels that have one
 */
export async function startLevel(file: string, settings: Variables, redisServer: string): Promise<ComposeLevel> {
  const folder = mkdtempSync(join(tmpdir(), 'isartor-compose-'));
  const services = Object.entries(readServices(file)).filter(([name]) => name in PORTS || name === 'secrets');
  const ports = new Map<string, number>();
  const addresses = new Map<string, string>();
  for (const [name, { networks }] of services) {
    const port = await freePort();
    ports.set(name, port);
    for (const host of [name, ...(networks?.default.aliases ?? [])]) {
      addresses.set(`${host}:${PORTS[name]}`, `127.0.0.1:${port}`);
    }
  }
  const level = new Level(folder, { ports, addresses }, redisServer);
  try {
    const filled = services.map(([name, service]) => [name, filledIn(service, settings)] as const);
    await level.start(new Map(filled));
  } catch (error) {
    await level.stop();
    throw error;
  }
  return {
    edge: `http://127.0.0.1:${ports.get('edge')}`,
    output: () => level.lines.join('\n'),
    stop: () => level.stop(),
  };
}

/** Where a level's services are on this machine. */
interface Places {
  /** By the service's name. */
  readonly ports: ReadonlyMap<string, number>;
  /** By the address on the file's network, aliases too. */
  readonly addresses: ReadonlyMap<string, string>;
}

class Level {
  readonly lines: string[] = [];
  readonly #folder: string;
  readonly #places: Places;
  readonly #redisServer: string;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(folder: string, places: Places, redisServer: string) {
    this.#folder = folder;
    this.#places = places;
    this.#redisServer = redisServer;
  }

  /** In the order that `depends_on` gives. */
  async start(services: ReadonlyMap<string, ComposeService>): Promise<void> {
    const secrets = services.get('secrets');
    if (secrets === undefined) throw new Error('nothing makes the secrets');
    const [shell = '', ...args] = secrets.command.map((part) => this.#here(part));
    await run(shell, args);
    for (const [name, begin] of Object.entries(this.#starters)) {
      const service = services.get(name);
      if (service !== undefined) await begin(service);
    }
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.toReversed()) await stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #starters: Readonly<Record<string, (service: ComposeService) => Promise<void>>> = {
    redis: async ({ command: [program, ...args] }) => {
      if (program !== 'redis-server') throw new Error(`${program} is not redis-server`);
      const own = ['--port', this.#port('redis'), '--bind', '127.0.0.1', '--dir', this.#folder];
      const ready = Promise.withResolvers<void>();
      this.#spawn('redis', [this.#redisServer, ...args, ...own], {}, (line) => {
        if (line.includes('Ready to accept connections')) ready.resolve();
      });
      await within(ready.promise, 'redis');
    },
    'llama-cpp': (service) => this.#modelServer('llama-cpp', service),
    'vllm-openai': (service) => this.#modelServer('vllm-openai', service),
    tei: (service) => this.#modelServer('tei', service),
    isartor: async ({ environment }) => {
      const image = imageOf('Dockerfile');
      const own = { ISARTOR__HOST_PORT: `127.0.0.1:${this.#port('isartor')}`, ISARTOR__METRICS_PORT: '0' };
      this.#spawn('isartor', image.command, { ...image.environment, ...environment, ...own });
      await this.#ready('isartor', '/readyz');
    },
    'redis-rest': async ({ environment }) => {
      const command = [process.execPath, 'infra/dist/redis-rest.cjs'];
      this.#spawn('redis-rest', command, { ...environment, PORT: this.#port('redis-rest') });
      await this.#ready('redis-rest', '/healthz');
    },
    edge: async ({ environment }) => {
      // As in the image: the bundle of a deploy beside workerd's configuration.
      copyFileSync(join(ROOT, 'edge/dist/worker.js'), join(this.#folder, 'worker.js'));
      copyFileSync(join(COMPOSE_DIR, 'edge/workerd.capnp'), join(this.#folder, 'workerd.capnp'));
      const own = {
        ISARTOR_EDGE_PORT: `127.0.0.1:${this.#port('edge')}`,
        ISARTOR_EDGE_CONFIG: join(this.#folder, 'workerd.capnp'),
        PATH: `${workerdFolder()}:${process.env['PATH']}`,
      };
      this.#spawn('edge', ['sh', 'infra/docker/edge/entrypoint.sh'], { ...environment, ...own });
      await this.#ready('edge', '/healthz');
    },
  };

  async #modelServer(name: string, { command }: ComposeService): Promise<void> {
    const server = await startModelServer(name, command, Number(this.#port(name)));
    this.#stops.push(() => server.stop());
  }

  #spawn(
    name: string,
    [command = '', ...args]: readonly string[],
    environment: Variables,
    onLine = (_line: string): void => {},
  ): void {
    const here = Object.entries(environment).map(([key, value]) => [key, this.#here(value)] as const);
    const child = new ManagedProcess({
      name,
      command: command === 'node' ? process.execPath : command,
      args,
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...Object.fromEntries(here) },
      onLine: (line) => {
        this.lines.push(`${name}: ${line}`);
        onLine(line);
      },
    });
    // A test run that dies takes its level along.
    const end = (): void => void child.signalGroup('SIGKILL');
    process.once('exit', end);
    this.#stops.push(async () => {
      await child.stop(GRACE_MS);
      process.removeListener('exit', end);
    });
  }

  /** The file's text with this machine's addresses and folders. */
  #here(text: string): string {
    const local = text.replaceAll('/run/isartor', this.#folder);
    return local.replace(/[a-z][a-z.-]*:\d+/g, (address) => this.#places.addresses.get(address) ?? address);
  }

  #port(name: string): string {
    return String(this.#places.ports.get(name));
  }

  async #ready(name: string, path: string): Promise<void> {
    await waitUntilReady(`http://127.0.0.1:${this.#port(name)}${path}`, AbortSignal.timeout(READY_WITHIN_MS)).catch(
      () => {
        throw new Error(`${name} is not ready:\n${this.lines.join('\n')}`);
      },
    );
  }
}

/** What an image starts, and with which environment, by its Dockerfile. */
function imageOf(dockerfile: string): { readonly command: readonly string[]; readonly environment: Variables } {
  const text = readFileSync(join(COMPOSE_DIR, dockerfile), 'utf8');
  const command: unknown = JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]');
  if (!Array.isArray(command) || command.length === 0) throw new Error(`${dockerfile} has no CMD`);
  const block = /^ENV (NODE_ENV(?:.*\\\n)*.*)$/m.exec(text)?.[1] ?? '';
  const environment = [...block.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const);
  return { command: command.map(String), environment: Object.fromEntries(environment) };
}

/** Where the installation put workerd. */
function workerdFolder(): string {
  const manifest = findPackageJSON('workerd', findPackageJSON('wrangler', import.meta.url));
  if (manifest === undefined) throw new Error('workerd is not installed: run npm install');
  return join(dirname(manifest), 'bin');
}

async function within(work: Promise<void>, name: string): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${name} is not ready`)), READY_WITHIN_MS);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/** Gets one where there is none: a test of the levels without Redis would be none. */
export async function redisServer(): Promise<string> {
  const { stdout } = await run('bash', [join(ROOT, 'infra/local/redis.sh')]);
  return stdout.trim();
}
