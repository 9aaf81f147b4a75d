import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';
import type { ModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { pooledVectors } from '../src/l1b-semantic-cache/adapters/pooled-vectors.ts';
import { readTokenRules, type TokenRules } from '../src/l1b-semantic-cache/adapters/token-rules.ts';
import type { TokenVectors } from '../src/l1b-semantic-cache/token-vectors.ts';

/** Most tokens of one run. */
const MAX_BATCH_TOKENS = 2_048;

/** A text as a model reads it. */
export interface EmbeddedText {
  /** Length 1. */
  readonly vector: Float32Array;
  readonly tokens: TokenVectors;
}

interface TextTokenizer {
  encode(
    text: string,
    options: { add_special_tokens: boolean },
  ): { readonly ids: readonly number[]; readonly tokens: readonly string[] };
}
// The library's own declarations do not resolve under NodeNext.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const TokenizerClass = Tokenizer as new (tokenizer: object, config: object) => TextTokenizer;

const INPUTS: Readonly<Record<string, (id: number) => bigint>> = {
  input_ids: (id) => BigInt(id),
  attention_mask: () => 1n,
  token_type_ids: () => 0n,
};

/** A model, run on the calling thread and with its token vectors kept: for measuring, where nothing else waits. */
export class TextModel {
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

  static async load(folder: ModelFolder): Promise<TextModel> {
    const file = readJson(folder.tokenizerFile);
    const config = folder.tokenizerConfigFile === undefined ? {} : readJson(folder.tokenizerConfigFile);
    const session = await ort.InferenceSession.create(folder.modelFile, { intraOpNumThreads: 2, interOpNumThreads: 1 });
    return new TextModel(session, new TokenizerClass(file, config), readTokenRules(file), folder);
  }

  /** Undefined for a text that the model cannot represent. In the order of the texts. */
  async embed(texts: readonly string[]): Promise<readonly (EmbeddedText | undefined)[]> {
    const found: (EmbeddedText | undefined)[] = texts.map(() => undefined);
    const read = texts.map((text, at) => ({ at, ...this.tokenizer.encode(text, { add_special_tokens: true }) }));
    const fit = read
      .filter(({ ids }) => this.isRepresentable(ids))
      .toSorted((a, b) => a.ids.length - b.ids.length || a.at - b.at);
    for (const batch of batchesOf(fit, this.folder.batches)) {
      const embedded = await this.run(batch);
      for (const [i, { at }] of batch.entries()) found[at] = embedded[i];
    }
    return found;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** The first and the last token are the model's own. */
  private isRepresentable(ids: readonly number[]): boolean {
    const { unknownId, specialIds } = this.rules;
    const bare = ids.filter((id, at) => !((at === 0 || at === ids.length - 1) && specialIds.has(id)));
    return (
      bare.length > 0 && ids.length <= this.folder.window && !bare.some((id) => id === unknownId || specialIds.has(id))
    );
  }

  private async run(batch: readonly Tokenized[]): Promise<EmbeddedText[]> {
    const length = Math.max(...batch.map(({ ids }) => ids.length));
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of this.session.inputNames) {
      const values = new BigInt64Array(batch.length * length);
      const valueOf = INPUTS[name];
      if (valueOf === undefined) throw new Error(`the model wants an input that is not known: ${name}`);
      for (const [row, { ids }] of batch.entries()) {
        for (const [column, id] of ids.entries()) values[row * length + column] = valueOf(id);
      }
      feeds[name] = new ort.Tensor('int64', values, [batch.length, length]);
    }
    const outputs = await this.session.run(feeds);
    const vectors = pooledVectors(
      outputs,
      batch.map(({ ids }) => ids.length),
      this.folder.pooling,
    );
    const hidden = outputs['last_hidden_state'] ?? outputs['token_embeddings'];
    if (hidden === undefined || !(hidden.data instanceof Float32Array))
      throw new Error('the model has no token vectors');
    const dimension = hidden.dims.at(-1) ?? 0;
    const { data } = hidden;
    return batch.map(({ ids, tokens }, row) => {
      const kept = ids.flatMap((id, at) => (this.rules.specialIds.has(id) ? [] : [at]));
      const rows = new Float32Array(kept.length * dimension);
      for (const [i, at] of kept.entries()) {
        const from = (row * length + at) * dimension;
        rows.set(unit(data.subarray(from, from + dimension)), i * dimension);
      }
      return {
        vector: vectors[row] ?? new Float32Array(dimension),
        tokens: { tokens: kept.map((at) => tokens[at] ?? ''), dimension, vectors: rows },
      };
    });
  }
}

interface Tokenized {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

function batchesOf<T extends Tokenized>(texts: readonly T[], mayBatch: boolean): T[][] {
  if (!mayBatch) return texts.map((text) => [text]);
  const batches: T[][] = [];
  for (const text of texts) {
    const last = batches.at(-1);
    if (last === undefined || (last.length + 1) * text.ids.length > MAX_BATCH_TOKENS) batches.push([text]);
    else last.push(text);
  }
  return batches;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? vector : vector.map((value) => value / length);
}

function readJson(file: string): object {
  const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof json !== 'object' || json === null) throw new Error(`${file} is not a JSON object`);
  return json;
}
