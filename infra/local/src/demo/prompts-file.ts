import { readFileSync } from 'node:fs';
import { isRecord } from '../stack/is-record.ts';
import { reason } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';

/** One line of a workload. */
export interface DemoPrompt {
  readonly prompt: string;
  /** Asked for as a stream. */
  readonly stream: boolean;
}

/**
 * Reads a workload: JSON Lines of `{"prompt": "…"}`, with `"stream": true` where the answer is to be streamed. Empty
 * lines are passed over, other members too.
 * @throws Fault that names the file and the line
 */
export function readPromptsFile(file: string): readonly DemoPrompt[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault(`${file} cannot be read: ${reason(error)}`);
  }
  const prompts = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, `${file}:${index + 1}`)]));
  if (prompts.length === 0) throw new Fault(`${file} holds no prompts; write lines of {"prompt": "…"}`);
  return prompts;
}

function readLine(line: string, place: string): DemoPrompt {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Fault(`${place}: not JSON; each line is an object such as {"prompt": "…"}`);
  }
  if (!isRecord(value)) throw new Fault(`${place}: not an object; write {"prompt": "…"}`);
  const { prompt, stream = false } = value;
  if (typeof prompt !== 'string' || prompt.trim() === '')
    throw new Fault(`${place}: "prompt" must be a text that is not empty`);
  if (typeof stream !== 'boolean') throw new Fault(`${place}: "stream" must be true or false`);
  return { prompt, stream };
}
