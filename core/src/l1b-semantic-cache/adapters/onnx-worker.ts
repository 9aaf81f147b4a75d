import { parentPort, workerData } from 'node:worker_threads';
import { OnnxModel } from './onnx-model.ts';
import type { Embedding } from '../embedder.port.ts';
import type { ModelFolder } from './model-folder.ts';
import { RunGate } from './run-gate.ts';
import type { FromWorker, ToWorker } from './onnx-worker-messages.ts';

/** What the worker is started with. */
export interface OnnxWorkerData {
  readonly folder: ModelFolder;
  /** Threads of one run. */
  readonly threads: number;
  /** Of a RunGate, through which every run and the loading go. */
  readonly gate: SharedArrayBuffer;
}

/** The thread that runs the model: a run blocks the thread it is called on. */
async function main(port: NonNullable<typeof parentPort>, data: OnnxWorkerData): Promise<void> {
  const gate = new RunGate(data.gate);
  const model = await gate.enter(() => OnnxModel.load(data.folder, data.threads));
  const tell = (message: FromWorker): void => port.postMessage(message);
  let running: Promise<void> = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'end') {
      // Not before the run is over: a thread that is torn down under a run takes the whole process with it (measured).
      void running.then(() => gate.enter(() => model.release())).finally(() => port.close());
      return;
    }
    const { batch, texts } = message;
    running = model.embed(texts, gate).then(
      (embeddings) =>
        port.postMessage({ kind: 'embedded', batch, embeddings } satisfies FromWorker, buffersOf(embeddings)),
      (error: unknown) => tell({ kind: 'failed', batch, reason: error instanceof Error ? error.message : 'unknown' }),
    );
  });
  tell({ kind: 'ready' });
}

/** Handed over rather than copied. */
function buffersOf(embeddings: readonly Embedding[]): ArrayBuffer[] {
  const buffers = embeddings.flatMap((embedding) => {
    if (embedding.kind !== 'vector') return [];
    return [embedding.vector.buffer, embedding.tokens?.vectors.buffer];
  });
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}

// What a thread is started with has no type of its own.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
if (parentPort !== null) await main(parentPort, workerData as OnnxWorkerData);
