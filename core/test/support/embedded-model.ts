import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const SCRIPT = join(ROOT, 'infra', 'local', 'node-llama-cpp.sh');
const INSTALLED_WITHIN_MS = 100_000;

/** What a model in process is started from. */
export interface EmbeddedParts {
  /** Folder in whose `node_modules` the library is. */
  readonly packageDir: string;
  /** A GGUF file. */
  readonly weights: string;
}

/** The library, fetched if need be, and the weights; or why there are none. */
export async function findEmbeddedParts(): Promise<EmbeddedParts | { readonly skip: string }> {
  const weights = process.env['ISARTOR_TEST_GGUF'] ?? join(ROOT, '..', 'shared', 'llm', 'stories260K.gguf');
  if (!existsSync(weights)) return { skip: 'no weights: set ISARTOR_TEST_GGUF to a GGUF file' };
  try {
    const { stdout } = await run('bash', [SCRIPT], { timeout: INSTALLED_WITHIN_MS });
    return { packageDir: stdout.trim(), weights };
  } catch {
    return { skip: 'no node-llama-cpp, and it cannot be fetched: infra/local/node-llama-cpp.sh' };
  }
}
