import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchPinned, WAITS, type FetchWaits } from './fetch-pinned.ts';
import type { PinnedFile, PinnedModel } from './pinned-model.ts';

/** What was calibrated for the model, and comes along. */
const CALIBRATED = ['calibration.json', 'head.json'] as const;

/** Where from, where to, and which of the weights. */
export interface ModelFetch {
  readonly model: PinnedModel;
  /** The address under which the model's files lie. */
  readonly url: string;
  /** Folder of the model; made where it is not there. */
  readonly dir: string;
  readonly quantized: boolean;
  /** Folder with the model's calibration. */
  readonly calibratedIn: string;
  /** Hears how many bytes of which file are there. */
  readonly tell: (file: PinnedFile, bytes: number) => void;
  readonly waits?: FetchWaits;
}

/** Fills a model folder for `semantic_cache.model_dir`. What is there already is not fetched. Throws an Error that says what is wrong. */
export async function fetchModel({
  model,
  url,
  dir,
  quantized,
  calibratedIn,
  tell,
  waits = WAITS,
}: ModelFetch): Promise<void> {
  const weights = quantized ? model.int8 : model.float32;
  await mkdir(dir, { recursive: true });
  for (const file of [model.tokenizer, weights]) {
    await fetchPinned(`${url}/${file.path}`, join(dir, file.name), file, (bytes) => tell(file, bytes), waits);
  }
  for (const name of CALIBRATED) await place(join(dir, name), await readFile(join(calibratedIn, name), 'utf8'));
  // The last, for it says which of the weights to load.
  await place(join(dir, 'isartor.json'), `${JSON.stringify({ model: weights.name, ...model.manifest })}\n`);
}

/** Writes a whole file or none; nothing where it is there already, so that a folder that is full may be read-only. */
async function place(file: string, text: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === text) return;
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
}
