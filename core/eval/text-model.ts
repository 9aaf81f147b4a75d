import type { ModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { OnnxModel } from '../src/l1b-semantic-cache/adapters/onnx-model.ts';
import { RunGate } from '../src/l1b-semantic-cache/adapters/run-gate.ts';
import type { TokenVectors } from '../src/l1b-semantic-cache/token-vectors.ts';

const THREADS = 2;

/** A text as a model reads it. */
export interface EmbeddedText {
  /** Length 1. */
  readonly vector: Float32Array;
  readonly tokens: TokenVectors;
}

/** The model that serves, run on the calling thread and with its token vectors kept: for measuring, where nothing else waits. */
export class TextModel {
  private readonly model: OnnxModel;
  private readonly gate = new RunGate();

  private constructor(model: OnnxModel) {
    this.model = model;
  }

  static async load(folder: ModelFolder): Promise<TextModel> {
    return new TextModel(await OnnxModel.load(folder, THREADS, true));
  }

  /** Undefined for a text that the model cannot represent. In the order of the texts. Throws where it has no token vectors. */
  async embed(texts: readonly string[]): Promise<readonly (EmbeddedText | undefined)[]> {
    return (await this.model.embed(texts, this.gate)).map((embedding) => {
      if (embedding.kind === 'unrepresentable') return undefined;
      const { vector, tokens } = embedding;
      if (tokens === undefined) throw new Error('the model has no token vectors');
      return { vector, tokens };
    });
  }

  async release(): Promise<void> {
    await this.model.release();
  }
}
