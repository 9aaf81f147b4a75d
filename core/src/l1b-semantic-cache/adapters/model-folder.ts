import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What a model folder may say of itself in `isartor.json`; the defaults are those of all-MiniLM-L6-v2. */
const MANIFEST = z.strictObject({
  /** Which file to load, where a folder has several. */
  model: z.enum(['model.onnx', 'model_quantized.onnx']).optional(),
  /** How token vectors become one, where the model does not say it itself. */
  pooling: z.enum(['mean', 'cls']).default('mean'),
  /** Most tokens of a text, the special ones included. */
  window: z.int().min(8).max(8192).default(256),
  /** Least cosine of a hit, as calibrated. */
  threshold: z.number().min(0).max(1).default(0.95),
});

const MODEL_FILES = ['model.onnx', 'model_quantized.onnx'] as const;

/** A model and its tokenizer, as they lie on disk. Plain data: it goes to the worker thread. */
export interface ModelFolder {
  readonly name: string;
  readonly modelFile: string;
  readonly tokenizerFile: string;
  /** Undefined where there is none. */
  readonly tokenizerConfigFile: string | undefined;
  readonly pooling: 'mean' | 'cls';
  readonly window: number;
  readonly threshold: number;
  /** False for int8 weights: there a vector changes with its neighbours in the batch. */
  readonly batches: boolean;
}

/** Looks through a model folder. Throws an Error that says what is missing or wrong, and where. */
export function readModelFolder(dir: string): ModelFolder {
  const manifest = readManifest(join(dir, 'isartor.json'));
  const model = MODEL_FILES.find((file) =>
    manifest.model === undefined ? existsSync(join(dir, file)) : file === manifest.model,
  );
  if (model === undefined) throw new Error(`${dir} holds neither ${MODEL_FILES.join(' nor ')}`);
  const tokenizerConfigFile = join(dir, 'tokenizer_config.json');
  const folder: ModelFolder = {
    name: `${dir}/${model}`,
    modelFile: join(dir, model),
    tokenizerFile: join(dir, 'tokenizer.json'),
    tokenizerConfigFile: existsSync(tokenizerConfigFile) ? tokenizerConfigFile : undefined,
    pooling: manifest.pooling,
    window: manifest.window,
    threshold: manifest.threshold,
    batches: model !== 'model_quantized.onnx',
  };
  for (const file of [folder.modelFile, folder.tokenizerFile]) {
    if (!existsSync(file)) throw new Error(`${file} is missing`);
  }
  return folder;
}

function readManifest(file: string): z.infer<typeof MANIFEST> {
  if (!existsSync(file)) return MANIFEST.parse({});
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
  const result = MANIFEST.safeParse(json);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  return result.data;
}
