import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { type EmbeddedText, TextModel } from './text-model.ts';

/** Texts of one file of the cache. */
const SHARD = 4_000;
const CACHE_VERSION = 2;

/** A text with its vectors in 8 bits a number, so that 100 000 texts fit into memory. */
interface Packed {
  readonly vector: Float32Array;
  readonly tokens: readonly string[];
  readonly scales: Float32Array;
  readonly rows: Int8Array;
}

/** The vectors of many texts, kept in a folder for temporary files so that a second run does not compute them. */
export class EmbeddedTexts {
  private readonly packed: ReadonlyMap<string, Packed | undefined>;

  private constructor(packed: ReadonlyMap<string, Packed | undefined>) {
    this.packed = packed;
  }

  /** `tell` hears of progress: texts done, and all. */
  static async of(
    texts: readonly string[],
    folder: ModelFolder,
    tell: (done: number, all: number) => void,
  ): Promise<EmbeddedTexts> {
    const dir = join(tmpdir(), 'isartor-eval-vectors', fingerprintOf(folder));
    mkdirSync(dir, { recursive: true });
    const distinct = [...new Set(texts)];
    const packed = new Map<string, Packed | undefined>();
    let model: TextModel | undefined;
    for (let from = 0; from < distinct.length; from += SHARD) {
      const shard = distinct.slice(from, from + SHARD);
      const file = join(dir, createHash('sha256').update(JSON.stringify(shard)).digest('hex'));
      if (!existsSync(file)) {
        model ??= await TextModel.load(folder);
        write(file, await model.embed(shard));
      }
      for (const [i, value] of read(file).entries()) packed.set(shard[i] ?? '', value);
      tell(Math.min(from + SHARD, distinct.length), distinct.length);
    }
    await model?.release();
    return new EmbeddedTexts(packed);
  }

  /** Undefined where the model cannot represent the text. Throws for a text that was not asked for. */
  get(text: string): EmbeddedText | undefined {
    if (!this.packed.has(text)) throw new Error('the text was not embedded');
    const packed = this.packed.get(text);
    if (packed === undefined) return undefined;
    const { vector, tokens, scales, rows } = packed;
    const dimension = vector.length;
    const vectors = Float32Array.from(rows, (value, at) => value * (scales[Math.floor(at / dimension)] ?? 0));
    return { vector, tokens: { tokens, dimension, vectors } };
  }
}

function fingerprintOf({ modelFile, tokenizerFile, pooling }: ModelFolder): string {
  const hash = createHash('sha256').update(`${CACHE_VERSION} ${pooling}`);
  for (const file of [modelFile, tokenizerFile]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A line of JSON with the tokens of each text, and then the numbers. */
function write(file: string, texts: readonly (EmbeddedText | undefined)[]): void {
  const dimension = texts.find((text) => text !== undefined)?.vector.length ?? 0;
  const head = Buffer.from(
    `${JSON.stringify({ dimension, tokens: texts.map((text) => text?.tokens.tokens ?? null) })}\n`,
  );
  const parts: Uint8Array[] = [head];
  for (const text of texts) {
    if (text === undefined) continue;
    const { vectors } = text.tokens;
    const scales = new Float32Array(vectors.length / dimension);
    const rows = new Int8Array(vectors.length);
    for (const row of scales.keys()) {
      const values = vectors.subarray(row * dimension, (row + 1) * dimension);
      const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
      scales[row] = scale;
      for (const [i, value] of values.entries())
        rows[row * dimension + i] = scale === 0 ? 0 : Math.round(value / scale);
    }
    parts.push(bytesOf(text.vector), bytesOf(scales), new Uint8Array(rows.buffer));
  }
  writeFileSync(`${file}.tmp`, Buffer.concat(parts));
  renameSync(`${file}.tmp`, file);
}

function read(file: string): (Packed | undefined)[] {
  const bytes = readFileSync(file);
  const end = bytes.indexOf('\n');
  // Written by this file.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const head = JSON.parse(bytes.subarray(0, end).toString()) as { dimension: number; tokens: (string[] | null)[] };
  let at = end + 1;
  const take = (length: number): Uint8Array => {
    const part = new Uint8Array(bytes.subarray(at, at + length));
    at += length;
    return part;
  };
  return head.tokens.map((tokens) => {
    if (tokens === null) return undefined;
    return {
      vector: new Float32Array(take(4 * head.dimension).buffer),
      tokens,
      scales: new Float32Array(take(4 * tokens.length).buffer),
      rows: new Int8Array(take(tokens.length * head.dimension).buffer),
    };
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
