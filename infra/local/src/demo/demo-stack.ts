import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { devKey } from '../stack/dev-key.ts';
import type { Environment } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';
import { isRecord } from '../stack/is-record.ts';
import { ROOT } from '../stack/paths.ts';
import { readRunNote, type RunNote } from '../stack/run-note.ts';

/** The stack a demo talks to. */
export interface DemoStack {
  /** With the API's version. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly standin: boolean;
  /** Ends what was started for the demo; a stack that ran before is left running. */
  stop(): Promise<void>;
}

/** A stack that ran before is left running. */
const leave = (): Promise<void> => Promise.resolve();

/**
 * Finds the stack: the one at ISARTOR_EDGE_URL, the one that `npm start` noted, or one started for the demo.
 * @throws Fault
 */
export async function demoStack(env: Environment, stateDir: string, say: (line: string) => void): Promise<DemoStack> {
  const key = env['ISARTOR__GATEWAY_API_KEY'] || devKey(stateDir);
  const url = env['ISARTOR_EDGE_URL'];
  if (url) {
    const baseUrl = `${url.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1`;
    const model = await firstModel(baseUrl, key);
    return { baseUrl, key, model, standin: model === 'isartor-standin', stop: leave };
  }
  const running = readRunNote(stateDir);
  if (running !== undefined && (await answers(running.edgeUrl))) {
    say(`using the stack that runs at ${running.edgeUrl}`);
    return fromNote(running, key, leave);
  }
  say('no stack is running; starting one for the demo …');
  const { note, stop } = await startStack(env);
  return fromNote(note, key, stop);
}

function fromNote({ edgeUrl, model, standin }: RunNote, key: string, stop: () => Promise<void>): DemoStack {
  return { baseUrl: `${edgeUrl}/v1`, key, model, standin, stop };
}

async function answers(edgeUrl: string): Promise<boolean> {
  try {
    const answer = await fetch(`${edgeUrl}/healthz`, { signal: AbortSignal.timeout(2000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

async function firstModel(baseUrl: string, key: string): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(`${baseUrl}/models`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new Fault(`nothing answers at ${baseUrl}; is ISARTOR_EDGE_URL right?`);
  }
  if (answer.status === 401)
    throw new Fault(`${baseUrl} refuses the key; set ISARTOR__GATEWAY_API_KEY to one it knows`);
  const body: unknown = await answer.json().catch(() => undefined);
  const list = isRecord(body) && Array.isArray(body['data']) ? (body['data'] as unknown[]) : [];
  const ids = list.map((one) => (isRecord(one) ? one['id'] : undefined)).filter((id) => typeof id === 'string');
  return ids[0] ?? 'gpt-4o-mini';
}

/** Runs `npm start`'s supervisor as a child, its output kept back unless it fails. */
function startStack(env: Environment): Promise<{ note: RunNote; stop: () => Promise<void> }> {
  const file = join(ROOT, 'infra', 'local', 'src', 'start.ts');
  const child = spawn(process.execPath, ['--conditions=isartor-source', file], {
    cwd: ROOT,
    env: { ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  return new Promise((resolve, reject) => {
    child.once('message', (message: { note: RunNote }) => resolve({ note: message.note, stop }));
    child.once('exit', () =>
      reject(
        new Fault(
          errors
            .join('')
            .replaceAll(/^isartor: /gm, '')
            .trim() || 'the stack did not start',
        ),
      ),
    );
    child.once('error', (error) => reject(new Fault(`the stack could not be started: ${error.message}`)));
  });
}
