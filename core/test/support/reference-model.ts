import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Folder of a reference model, beside the checkout in `shared/models`; undefined where it is not there, and then the
 * tests that need it are skipped, which this says.
 */
export function referenceModel(name: 'all-MiniLM-L6-v2' | 'static-64d'): string | undefined {
  const dir = fileURLToPath(new URL(`../../../../shared/models/${name}`, import.meta.url));
  if (existsSync(dir)) return dir;
  process.stderr.write(`SKIPPED: ${dir} is not there, so nothing that needs the model ${name} is tested.\n`);
  return undefined;
}
