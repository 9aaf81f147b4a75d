// `npm run model:fetch`: fills a folder with the reference embedding model, for semantic_cache.model_dir.
import { join, resolve } from 'node:path';
import { fetchModel } from './model/fetch-model.ts';
import { MODEL_HELP, modelOptions } from './model/model-options.ts';
import { ALL_MINILM_L6_V2 } from './model/pinned-model.ts';
import { progress } from './model/progress.ts';
import { ROOT } from './stack/paths.ts';

async function main(): Promise<void> {
  const { dir, quantized, url, help } = modelOptions(process.argv.slice(2), process.env);
  if (help) {
    process.stdout.write(`${MODEL_HELP}\n`);
    return;
  }
  const model = ALL_MINILM_L6_V2;
  const calibratedIn = join(ROOT, 'core', 'models', model.name);
  const { tell, stop } = await progress(process.stderr);
  try {
    await fetchModel({ model, url, dir, quantized, calibratedIn, tell });
  } finally {
    stop();
  }
  process.stdout.write(`ISARTOR__SEMANTIC_CACHE__MODEL_DIR=${resolve(dir)}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`isartor: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
