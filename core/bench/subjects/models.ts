import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Bench } from '../group.ts';

const REFERENCE = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'models', 'all-MiniLM-L6-v2');
const BUILTIN = join(import.meta.dirname, '..', '..', 'models', 'builtin');

/** A model that embeds, as it lies on disk. */
export interface BenchModel {
  readonly id: string;
  readonly what: string;
  readonly dir: string;
  readonly file: 'model.onnx' | 'model_quantized.onnx';
}

/** The reference model in both its weights, where it is there, and the built-in one. */
export function benchModels(bench: Bench): readonly BenchModel[] {
  const builtin = { id: 'builtin', what: 'built-in model', dir: BUILTIN, file: 'model.onnx' } as const;
  if (!existsSync(REFERENCE)) {
    bench.skip(
      `all-MiniLM-L6-v2: ${REFERENCE} is not there (npm run model:fetch -- --dir …), so the built-in model stands alone`,
    );
    return [builtin];
  }
  return [
    { id: 'float32', what: 'all-MiniLM-L6-v2', dir: REFERENCE, file: 'model.onnx' },
    { id: 'int8', what: 'all-MiniLM-L6-v2 int8', dir: REFERENCE, file: 'model_quantized.onnx' },
    builtin,
  ];
}

/** A folder with these weights alone, under the model's own name: of several a core loads float32. */
export function folderOf({ dir, file }: BenchModel, bench: Bench): string {
  const root = mkdtempSync(join(tmpdir(), 'isartor-bench-model-'));
  bench.defer(async () => rmSync(root, { recursive: true }));
  const folder = join(root, basename(dir));
  mkdirSync(folder);
  for (const name of [file, 'tokenizer.json', 'isartor.json']) {
    if (existsSync(join(dir, name))) symlinkSync(join(dir, name), join(folder, name));
  }
  return folder;
}
