import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import { AbsentEmbedder } from './adapters/absent-embedder.ts';
import { readModelFolder } from './adapters/model-folder.ts';
import { OnnxEmbedder } from './adapters/onnx-embedder.ts';
import type { Embedder } from './embedder.port.ts';

/** The embedder that the settings ask for. Where it cannot be had, one that is down: the start goes on. */
export function createEmbedder(config: Config, log: Logger): Embedder {
  const { embedder, modelDir } = config.semanticCache;
  if (embedder === 'sidecar' || embedder === 'builtin') return absent(`this version has no ${embedder} embedder yet`);
  if (modelDir === undefined) {
    return absent('there is no embedding model; set semantic_cache.model_dir to a folder with one');
  }
  try {
    return new OnnxEmbedder(readModelFolder(modelDir), {
      onFault: (reason) => log.warn({ reason }, 'the embedding model does not run; it is started again'),
    });
  } catch (error) {
    return absent(error instanceof Error ? error.message : 'the model folder cannot be read');
  }
}

function absent(why: string): Embedder {
  return new AbsentEmbedder(why);
}
