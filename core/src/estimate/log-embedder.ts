import { availableParallelism } from 'node:os';
import type { ModelFolder } from '../l1b-semantic-cache/adapters/model-folder.ts';
import { OnnxModel } from '../l1b-semantic-cache/adapters/onnx-model.ts';
import { RunGate } from '../l1b-semantic-cache/adapters/run-gate.ts';
import type { Calibration } from '../l1b-semantic-cache/calibration.ts';
import type { Embedder, EmbedderHealth, Embedding } from '../l1b-semantic-cache/embedder.port.ts';
import { LRUCache } from 'lru-cache';

/** Embeddings kept: with their tokens' vectors they are some 30 KB each. */
const MAX_KEPT = 8_192;

/** The model that serves, on the calling thread: for a log, where nothing else waits. */
export class LogEmbedder implements Embedder {
  readonly name: string;
  readonly threshold: number;
  readonly calibration: Calibration | undefined;
  private readonly model: OnnxModel;
  private readonly gate = new RunGate();
  private readonly kept = new LRUCache<string, Embedding>({ max: MAX_KEPT });

  private constructor(folder: ModelFolder, model: OnnxModel) {
    this.name = folder.name;
    this.threshold = folder.threshold;
    this.calibration = folder.calibration;
    this.model = model;
  }

  static async load(folder: ModelFolder): Promise<LogEmbedder> {
    return new LogEmbedder(folder, await OnnxModel.load(folder, availableParallelism()));
  }

  async embed(text: string): Promise<Embedding> {
    const kept = this.kept.get(text);
    if (kept !== undefined) return kept;
    const [embedding] = await this.model.embed([text], this.gate);
    if (embedding === undefined) throw new Error('the model gave no vector');
    this.kept.set(text, embedding);
    return embedding;
  }

  health(): EmbedderHealth {
    return { status: 'up' };
  }

  /** It is loaded. */
  start(): void {}

  async close(): Promise<void> {
    await this.model.release();
  }
}
