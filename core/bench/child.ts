import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

// A bench has a dozen children at once, and takes all of them along when it dies.
process.setMaxListeners(100);

const STOP_WITHIN_MS = 10_000;
const KEPT_OUTPUT_CHARS = 4_000;

/** A process under measurement, or one that measures. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** The first message it sends that `isWanted` takes; rejects when it ends before. */
  message<Message>(isWanted: (message: unknown) => message is Message): Promise<Message>;
  send(message: object): void;
  /** Settles when it has ended; null when a signal ended it. */
  readonly exitCode: Promise<number | null>;
  stop(): Promise<void>;
}

/** What to run. The environment is that of the bench without any `ISARTOR` variable, so that no setting of the user's counts. */
export interface ChildSpec {
  readonly name: string;
  readonly args: readonly string[];
  /** This Node by default. */
  readonly command?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts a process with a channel. What it writes to standard output is thrown away, as cheaply as can be. */
export function startChild({ name, args, command = process.execPath, env, cwd }: ChildSpec): Child {
  const child = spawn(command, args, {
    env: { ...neutralEnvironment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-KEPT_OUTPUT_CHARS)));
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  if (child.pid === undefined) throw new Error(`${name} cannot be started: is ${command} installed?`);
  return {
    name,
    pid: child.pid,
    message: (isWanted) =>
      new Promise((resolve, reject) => {
        const failed = (): void => reject(new Error(`${name} ended: ${errors}`));
        const take = (message: unknown): void => {
          if (!isWanted(message)) return;
          child.off('message', take).off('exit', failed);
          resolve(message);
        };
        child.on('message', take).once('exit', failed);
      }),
    send: (message) => void child.send(message),
    exitCode,
    stop: async () => {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(kill, STOP_WITHIN_MS);
      await exitCode;
      clearTimeout(timer);
    },
  };
}

/** Starts a process of this folder's `processes/` and waits for the port on which it listens. */
export async function startServer(
  name: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Child & { readonly port: number; readonly url: string }> {
  const child = startChild({ name, args: [`${import.meta.dirname}/processes/${file}`], env });
  const { port } = await child.message(isListening);
  return { ...child, port, url: `http://127.0.0.1:${port}` };
}

function isListening(message: unknown): message is { readonly port: number } {
  return typeof message === 'object' && message !== null && 'port' in message && typeof message.port === 'number';
}

function neutralEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:ISARTOR|UPSTASH|NODE_OPTIONS|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  // ONNX Runtime's telemetry is not to run beside what is measured, nor anywhere else.
  return { ...Object.fromEntries(kept), ORT_DISABLE_TELEMETRY: '1' };
}

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}
