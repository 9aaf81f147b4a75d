import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { readCalibration, type Calibration } from '../calibration.ts';

/** Least cosine of a hit for a model that is not calibrated. */
export const DEFAULT_THRESHOLD = 0.95;

/** What a model folder may say of itself in `isartor.json`; the defaults are those of all-MiniLM-L6-v2. */
const MANIFEST = z.strictObject({
  /** Which file to load, where a folder has several. */
  model: z.enum(['model.onnx', 'model_quantized.onnx']).optional(),
  /** How token vectors become one, where the model does not say it itself. */
  pooling: z.enum(['mean', 'cls']).default('mean'),
  /** Most tokens of a text, the special ones included. */
  window: z.int().min(8).max(8192).default(256),
  /** Least cosine of a hit, as calibrated. */
  threshold: z.number().min(0).max(1).optional(),
});

type Manifest = z.infer<typeof MANIFEST>;

const PIECE_BYTES = 1024 * 1024;
const MODEL_FILES = ['model.onnx', 'model_quantized.onnx'] as const;
export type ModelFile = (typeof MODEL_FILES)[number];

/** A model and its tokenizer, as they lie on disk. Plain data: it goes to the worker thread. */
export interface ModelFolder {
  /** Folder, file and a digest of what is in them: the same on every machine. */
  readonly name: string;
  readonly modelFile: string;
  readonly tokenizerFile: string;
  /** Undefined where there is none. */
  readonly tokenizerConfigFile: string | undefined;
  readonly pooling: 'mean' | 'cls';
  readonly window: number;
  readonly threshold: number;
  readonly calibration: Calibration | undefined;
  /** False for int8 weights: there a vector changes with its neighbours in the batch. */
  readonly batches: boolean;
}

/**
 * Looks through a model folder. Throws an Error that says what is missing or wrong, and where.
 *
 * @param wanted the weights to load, whatever the manifest says
 */
export function readModelFolder(dir: string, wanted?: ModelFile): ModelFolder {
  const manifest = { ...readManifest(join(dir, 'isartor.json')), ...(wanted && { model: wanted }) };
  const model = modelIn(dir, manifest);
  const calibration = readCalibration(dir, basename(resolve(dir)));
  const tokenizerConfigFile = join(dir, 'tokenizer_config.json');
  const folder: ModelFolder = {
    name: '',
    modelFile: join(dir, model),
    tokenizerFile: join(dir, 'tokenizer.json'),
    tokenizerConfigFile: existsSync(tokenizerConfigFile) ? tokenizerConfigFile : undefined,
    pooling: manifest.pooling,
    window: manifest.window,
    threshold: thresholdOf(manifest, calibration),
    calibration,
    batches: model !== 'model_quantized.onnx',
  };
  for (const file of [folder.modelFile, folder.tokenizerFile]) {
    if (!existsSync(file)) throw new Error(`${file} is missing`);
  }
  return { ...folder, name: `${basename(resolve(dir))}/${model}@${fingerprint(folder)}` };
}

/** Least cosine of a hit in a model folder, whose model is not looked at. Throws an Error where there is none. */
export function readThreshold(dir: string): number {
  const manifest = readManifest(join(dir, 'isartor.json'));
  modelIn(dir, manifest);
  return thresholdOf(manifest, readCalibration(dir, basename(resolve(dir))));
}

function modelIn(dir: string, manifest: Manifest): ModelFile {
  const model = MODEL_FILES.find((file) =>
    manifest.model === undefined ? existsSync(join(dir, file)) : file === manifest.model,
  );
  if (model === undefined) throw new Error(`${dir} holds neither ${MODEL_FILES.join(' nor ')}`);
  return model;
}

function thresholdOf(manifest: Manifest, calibration: Calibration | undefined): number {
  return manifest.threshold ?? calibration?.threshold ?? DEFAULT_THRESHOLD;
}

/** What makes vectors comparable: the same weights, tokens and pooling, wherever the folder lies. */
function fingerprint({ modelFile, tokenizerFile, pooling, window }: ModelFolder): string {
  const hash = createHash('sha256').update(`${pooling} ${window}\n`);
  for (const file of [tokenizerFile, modelFile]) hashFile(hash, file);
  return hash.digest('hex').slice(0, 12);
}

/** By pieces: a model need not lie in this process's memory twice. */
function hashFile(hash: Hash, path: string): void {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) hash.update(piece.subarray(0, read));
  } finally {
    closeSync(file);
  }
}

function readManifest(file: string): Manifest {
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
