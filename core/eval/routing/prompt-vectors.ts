import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelFolder } from '../../src/l1b-semantic-cache/adapters/model-folder.ts';
import { OnnxModel } from '../../src/l1b-semantic-cache/adapters/onnx-model.ts';
import { RunGate } from '../../src/l1b-semantic-cache/adapters/run-gate.ts';

const THREADS = 1;
const TEXTS_AT_A_TIME = 256;

/**
 * The vectors of texts in their order, undefined for a text that the model cannot represent. Kept in the folder for
 * temporary files, so that a second run does not compute them. `tell` hears of progress: texts done, and all.
 */
export async function promptVectors(
  texts: readonly string[],
  folder: ModelFolder,
  tell: (done: number, all: number) => void,
): Promise<readonly (Float32Array | undefined)[]> {
  const dir = join(tmpdir(), 'isartor-eval-prompt-vectors');
  const hash = createHash('sha256').update(readFileSync(folder.modelFile)).update(readFileSync(folder.tokenizerFile));
  const file = join(dir, hash.update(`${folder.pooling} ${JSON.stringify(texts)}`).digest('hex'));
  if (!existsSync(file)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${file}.tmp`, packed(await embedded(texts, folder, tell)));
    renameSync(`${file}.tmp`, file);
  }
  return unpacked(readFileSync(file), texts.length);
}

async function embedded(
  texts: readonly string[],
  folder: ModelFolder,
  tell: (done: number, all: number) => void,
): Promise<readonly (Float32Array | undefined)[]> {
  const model = await OnnxModel.load(folder, THREADS, false);
  const gate = new RunGate();
  const vectors: (Float32Array | undefined)[] = [];
  for (let from = 0; from < texts.length; from += TEXTS_AT_A_TIME) {
    const embeddings = await model.embed(texts.slice(from, from + TEXTS_AT_A_TIME), gate);
    vectors.push(...embeddings.map((one) => (one.kind === 'vector' ? one.vector : undefined)));
    tell(vectors.length, texts.length);
  }
  await model.release();
  return vectors;
}

/** All vectors one behind the other; one of zeros stands for none. */
function packed(vectors: readonly (Float32Array | undefined)[]): Uint8Array {
  const width = vectors.find((vector) => vector !== undefined)?.length ?? 1;
  const all = new Float32Array(width * vectors.length);
  for (const [at, vector] of vectors.entries()) if (vector !== undefined) all.set(vector, at * width);
  return new Uint8Array(all.buffer);
}

function unpacked(bytes: Uint8Array, count: number): readonly (Float32Array | undefined)[] {
  const all = new Float32Array(new Uint8Array(bytes).buffer);
  const width = all.length / count;
  return Array.from({ length: count }, (_, at) => {
    const vector = all.slice(at * width, (at + 1) * width);
    return vector.every((value) => value === 0) ? undefined : vector;
  });
}
