import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.port.ts';
import { AbsentEmbedder } from './adapters/absent-embedder.ts';
import { DEFAULT_THRESHOLD, readModelFolder } from './adapters/model-folder.ts';
import { OnnxEmbedder } from './adapters/onnx-embedder.ts';
import { SidecarEmbedder } from './adapters/sidecar-embedder.ts';
import type { Embedder } from './embedder.port.ts';

/**
 * The embedder that the settings ask for; `auto` is the sidecar where its address is set, else the model folder. Where
 * it cannot be had, one that is down: the start goes on.
 */
export function createEmbedder(config: Config, log: Logger, metrics: Metrics): Embedder {
  const { embedder, modelDir } = config.semanticCache;
  const { url, model, timeoutSecs } = config.embeddingSidecar;
  if (url !== undefined && (embedder === 'auto' || embedder === 'sidecar')) {
    return new SidecarEmbedder({
      url,
      model,
      timeoutMs: timeoutSecs * 1_000,
      threshold: DEFAULT_THRESHOLD,
      onBreaker: (state) => metrics.breaker('embedding-sidecar', state),
      onFault: (reason) => log.warn({ reason }, 'the embedding server cannot be used; it is tried again'),
    });
  }
  if (embedder === 'builtin') return absent('this version has no builtin embedder yet');
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
