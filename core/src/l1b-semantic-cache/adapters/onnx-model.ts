import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';
import type { Embedding, UnrepresentableReason } from '../embedder.port.ts';
import type { ModelFolder } from './model-folder.ts';
import { pooledVectors } from './pooled-vectors.ts';
import { readTokenRules, type TokenRules } from './token-rules.ts';

/** Most tokens of one run, padding included: what a run holds in memory grows with it. */
const MAX_BATCH_TOKENS = 4_096;

/** What is used of the library, whose own declarations do not resolve under NodeNext. */
interface TextTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: readonly number[] };
}
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const TokenizerClass = Tokenizer as new (tokenizer: object, config: object) => TextTokenizer;

interface Tokens {
  /** Where the text stands among those that were asked for. */
  readonly at: number;
  readonly ids: readonly number[];
}

/** A model and its tokenizer, loaded. Runs on the calling thread. */
export class OnnxModel {
  private readonly session: ort.InferenceSession;
  private readonly tokenizer: TextTokenizer;
  private readonly rules: TokenRules;
  private readonly folder: ModelFolder;

  private constructor(session: ort.InferenceSession, tokenizer: TextTokenizer, rules: TokenRules, folder: ModelFolder) {
    this.session = session;
    this.tokenizer = tokenizer;
    this.rules = rules;
    this.folder = folder;
  }

  /** Throws when a file is damaged or the model wants inputs that we do not know. */
  static async load(folder: ModelFolder, threads: number): Promise<OnnxModel> {
    const tokenizerFile = readObject(folder.tokenizerFile);
    const config = folder.tokenizerConfigFile === undefined ? {} : readObject(folder.tokenizerConfigFile);
    const session = await ort.InferenceSession.create(folder.modelFile, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
    const unknown = session.inputNames.filter((name) => !(name in INPUTS));
    if (unknown.length > 0) throw new Error(`the model wants inputs that are not known: ${unknown.join(', ')}`);
    return new OnnxModel(session, new TokenizerClass(tokenizerFile, config), readTokenRules(tokenizerFile), folder);
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** Embeddings in the order of the texts. */
  async embed(texts: readonly string[]): Promise<readonly Embedding[]> {
    const embeddings = new Map<number, Embedding>();
    const fit: Tokens[] = [];
    for (const [at, text] of texts.entries()) {
      const ids = this.idsOf(text);
      if (typeof ids === 'string') embeddings.set(at, { kind: 'unrepresentable', why: ids });
      else fit.push({ at, ids });
    }
    for (const batch of batchesOf(fit, this.folder.batches)) {
      // One after the other: they share the session's threads.
      const vectors = await this.run(batch.map(({ ids }) => ids));
      for (const [i, { at }] of batch.entries()) {
        const vector = vectors[i];
        if (vector !== undefined) embeddings.set(at, { kind: 'vector', vector });
      }
    }
    return texts.map((_text, at) => {
      const embedding = embeddings.get(at);
      if (embedding === undefined) throw new Error('the model gave fewer vectors than it was given texts');
      return embedding;
    });
  }

  private idsOf(text: string): readonly number[] | UnrepresentableReason {
    const { unknownId, specialIds } = this.rules;
    const bare: readonly number[] = this.tokenizer.encode(text, { add_special_tokens: false }).ids;
    if (bare.some((id) => id === unknownId)) return 'unknown-token';
    if (bare.some((id) => specialIds.has(id))) return 'special-token';
    const ids: readonly number[] = this.tokenizer.encode(text, { add_special_tokens: true }).ids;
    return ids.length > this.folder.window ? 'beyond-window' : ids;
  }

  private async run(batch: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const length = Math.max(...batch.map((ids) => ids.length));
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of this.session.inputNames) {
      const values = new BigInt64Array(batch.length * length);
      const valueOf = INPUTS[name];
      if (valueOf !== undefined) {
        for (const [row, ids] of batch.entries()) {
          for (const [column, id] of ids.entries()) values[row * length + column] = valueOf(id);
        }
      }
      feeds[name] = new ort.Tensor('int64', values, [batch.length, length]);
    }
    const outputs = await this.session.run(feeds);
    return pooledVectors(
      outputs,
      batch.map((ids) => ids.length),
      this.folder.pooling,
    );
  }
}

/** What a model may want to know of each token; padding is 0 in all of them. */
const INPUTS: Readonly<Record<string, (id: number) => bigint>> = {
  input_ids: (id) => BigInt(id),
  attention_mask: () => 1n,
  token_type_ids: () => 0n,
};

/** Texts of like length together, so that little is padding. */
function batchesOf(texts: readonly Tokens[], mayBatch: boolean): Tokens[][] {
  if (!mayBatch) return texts.map((text) => [text]);
  const batches: Tokens[][] = [];
  let current: Tokens[] = [];
  for (const text of texts.toSorted((a, b) => a.ids.length - b.ids.length)) {
    // Sorted: the new one is the longest.
    if (current.length > 0 && (current.length + 1) * text.ids.length > MAX_BATCH_TOKENS) {
      batches.push(current);
      current = [];
    }
    current.push(text);
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

function readObject(file: string): object {
  const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof json !== 'object' || json === null) throw new Error(`${file} is not a JSON object`);
  return json;
}
