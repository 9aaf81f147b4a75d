import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const SCRIPT = join(ROOT, 'infra', 'local', 'llama-server.sh');
const READY_WITHIN_MS = 30_000;

/** What a llama.cpp server is started from. */
export interface LlamaProgram {
  readonly program: string;
  /** A GGUF file. */
  readonly weights: string;
}

/** A running llama.cpp server. */
export interface LlamaServer {
  readonly port: number;
  readonly url: string;
  /** What it has logged so far. */
  log(): string;
  kill(): Promise<void>;
}

/** The program and the weights, or why there are none. Only looks; `infra/local/llama-server.sh` fetches the program. */
export async function findLlamaServer(): Promise<LlamaProgram | { readonly skip: string }> {
  const weights = process.env['ISARTOR_TEST_GGUF'] ?? join(ROOT, '..', 'shared', 'llm', 'stories260K.gguf');
  if (!existsSync(weights)) return { skip: 'no weights: set ISARTOR_TEST_GGUF to a GGUF file' };
  try {
    const { stdout } = await run('bash', [SCRIPT, '--cached']);
    return { program: stdout.trim(), weights };
  } catch {
    return { skip: 'no llama-server: put it on PATH, or fetch it by infra/local/llama-server.sh' };
  }
}

/** Starts a server and waits until it answers. */
export async function startLlamaServer({ program, weights }: LlamaProgram, port?: number): Promise<LlamaServer> {
  const own = port ?? (await freePort());
  const options = ['--host', '127.0.0.1', '--port', String(own), '--model', weights, '--alias', 'tiny'];
  const child = spawn(program, [...options, '-t', '1', '-c', '4096', '-np', '2', '--metrics', '-lv', '4']);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => lines.push(String(chunk)));
  const exited = once(child, 'exit');
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const url = `http://127.0.0.1:${own}`;
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await isWell(url))) {
    if (Date.now() > until || child.exitCode !== null) {
      end();
      throw new Error(`llama-server does not answer: ${lines.join('').slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port: own,
    url,
    log: () => lines.join(''),
    kill: async () => {
      process.removeListener('exit', end);
      end();
      await exited;
    },
  };
}

async function isWell(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}
