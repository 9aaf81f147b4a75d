import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';
import type { Embedding, UnrepresentableReason } from '../embedder.port.ts';
import type { ModelFolder } from './model-folder.ts';
import { pooledVectors } from './pooled-vectors.ts';
import type { RunGate } from './run-gate.ts';
import { tokenRows, type TokenizedText } from './token-rows.ts';
import { readTokenRules, type TokenRules } from './token-rules.ts';

/** Most tokens of one run, padding included: what a run holds in memory grows with it, and so does what an end waits for. */
const MAX_BATCH_TOKENS = 1_024;

/** What is used of the library, whose own declarations do not resolve under NodeNext. */
interface TextTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): TokenizedText;
}
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const TokenizerClass = Tokenizer as new (tokenizer: object, config: object) => TextTokenizer;

interface Tokens extends TokenizedText {
  /** Where the text stands among those that were asked for. */
  readonly at: number;
}

/** A model and its tokenizer, loaded. Runs on the calling thread. */
export class OnnxModel {
  private readonly session: ort.InferenceSession;
  private readonly tokenizer: TextTokenizer;
  private readonly rules: TokenRules;
  private readonly folder: ModelFolder;
  private readonly keepsTokens: boolean;

  private constructor(
    session: ort.InferenceSession,
    tokenizer: TextTokenizer,
    rules: TokenRules,
    folder: ModelFolder,
    keepsTokens: boolean,
  ) {
    this.session = session;
    this.tokenizer = tokenizer;
    this.rules = rules;
    this.folder = folder;
    this.keepsTokens = keepsTokens;
  }

  /**
   * Throws when a file is damaged or the model wants inputs that we do not know.
   *
   * @param keepsTokens whether token vectors are given: they are many times as long as the text's own, and of use only to a
   * calibrated verifier
   */
  static async load(
    folder: ModelFolder,
    threads: number,
    keepsTokens = folder.calibration !== undefined,
  ): Promise<OnnxModel> {
    const tokenizerFile = readObject(folder.tokenizerFile);
    const config = folder.tokenizerConfigFile === undefined ? {} : readObject(folder.tokenizerConfigFile);
    const session = await ort.InferenceSession.create(folder.modelFile, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
    const unknown = session.inputNames.filter((name) => !(name in INPUTS));
    if (unknown.length > 0) throw new Error(`the model wants inputs that are not known: ${unknown.join(', ')}`);
    const tokenizer = new TokenizerClass(tokenizerFile, config);
    return new OnnxModel(session, tokenizer, readTokenRules(tokenizerFile), folder, keepsTokens);
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** Embeddings in the order of the texts. Each run goes through `gate`, as it must where the process may end under it. */
  async embed(texts: readonly string[], gate: RunGate): Promise<readonly Embedding[]> {
    const embeddings = new Map<number, Embedding>();
    const fit: Tokens[] = [];
    for (const [at, text] of texts.entries()) {
      const read = this.read(text);
      if (typeof read === 'string') embeddings.set(at, { kind: 'unrepresentable', why: read });
      else fit.push({ at, ids: read.ids, tokens: read.tokens });
    }
    for (const batch of batchesOf(fit, this.folder.batches)) {
      // One after the other: they share the session's threads.
      const run = await gate.enter(() => this.run(batch));
      for (const [i, { at }] of batch.entries()) {
        const embedding = run[i];
        if (embedding !== undefined) embeddings.set(at, embedding);
      }
    }
    return texts.map((_text, at) => {
      const embedding = embeddings.get(at);
      if (embedding === undefined) throw new Error('the model gave fewer vectors than it was given texts');
      return embedding;
    });
  }

  private read(text: string): TokenizedText | UnrepresentableReason {
    const { unknownId, specialIds } = this.rules;
    const bare: readonly number[] = this.tokenizer.encode(text, { add_special_tokens: false }).ids;
    if (bare.some((id) => id === unknownId)) return 'unknown-token';
    if (bare.some((id) => specialIds.has(id))) return 'special-token';
    const read = this.tokenizer.encode(text, { add_special_tokens: true });
    return read.ids.length > this.folder.window ? 'beyond-window' : read;
  }

  private async run(batch: readonly TokenizedText[]): Promise<Embedding[]> {
    const length = Math.max(...batch.map(({ ids }) => ids.length));
    const feeds: Record<string, ort.Tensor> = {};
    for (const name of this.session.inputNames) {
      const values = new BigInt64Array(batch.length * length);
      const valueOf = INPUTS[name];
      if (valueOf !== undefined) {
        for (const [row, { ids }] of batch.entries()) {
          for (const [column, id] of ids.entries()) values[row * length + column] = valueOf(id);
        }
      }
      feeds[name] = new ort.Tensor('int64', values, [batch.length, length]);
    }
    const outputs = await this.session.run(feeds);
    const lengths = batch.map(({ ids }) => ids.length);
    const tokens = this.keepsTokens ? tokenRows(outputs, batch, this.rules.specialIds) : undefined;
    return pooledVectors(outputs, lengths, this.folder.pooling).map((vector, at) =>
      vector === undefined
        ? { kind: 'unrepresentable', why: 'no-direction' }
        : { kind: 'vector', vector, tokens: tokens?.[at] },
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
