import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fault } from '../stack/fault.ts';
import { STATE_DIR } from '../stack/paths.ts';
import { ALL_MINILM_L6_V2 } from './pinned-model.ts';

/** The command line of `npm run model:fetch`. */
export interface ModelOptions {
  readonly dir: string;
  readonly quantized: boolean;
  readonly url: string;
  readonly help: boolean;
}

/** What `--help` prints. */
export const MODEL_HELP = `npm run model:fetch -- [--dir FOLDER] [--quantized] [--url ADDRESS]

  --dir FOLDER    where the model goes (default: .isartor/models/${ALL_MINILM_L6_V2.name})
  --quantized     the weights in 8 bits (23 MB) in place of float32 (90 MB)
  --url ADDRESS   a mirror: the address under which tokenizer.json and onnx/ lie (or ISARTOR_MODEL_URL; HF_ENDPOINT names
                  another hub)

Files that are there already and are the pinned ones are not fetched: a folder that was filled elsewhere needs no network.`;

/** @throws Fault on an unknown option, or an address that is none */
export function modelOptions(args: readonly string[], env: NodeJS.ProcessEnv): ModelOptions {
  const { dir, quantized, url, help } = read(args);
  const { name, place } = ALL_MINILM_L6_V2;
  const hub = env['HF_ENDPOINT'] || 'https://huggingface.co';
  const address = url ?? (env['ISARTOR_MODEL_URL'] || `${trimmed(hub)}/${place}`);
  if (!/^https?:$/.test(URL.parse(address)?.protocol ?? ''))
    throw new Fault(`"${address}" is no http or https address`);
  return {
    dir: dir ?? join(STATE_DIR, 'models', name),
    quantized: quantized === true,
    url: trimmed(address),
    help: help === true,
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string' },
        quantized: { type: 'boolean' },
        url: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new Fault(
      `${error instanceof Error ? error.message : 'unknown'}; npm run model:fetch -- --help lists the options`,
    );
  }
}

function trimmed(address: string): string {
  return address.replace(/\/+$/, '');
}
