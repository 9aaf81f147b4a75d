import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.port.ts';
import { AbsentEmbedder } from './adapters/absent-embedder.ts';
import { DeferredEmbedder } from './adapters/deferred-embedder.ts';
import { DEFAULT_THRESHOLD, readModelFolder, readThreshold } from './adapters/model-folder.ts';
import { OnnxEmbedder } from './adapters/onnx-embedder.ts';
import { SidecarEmbedder } from './adapters/sidecar-embedder.ts';
import type { Embedder } from './embedder.port.ts';
import type { SemanticMode } from './semantic-mode.ts';

/** The small model that comes along; beside `src` and `dist` alike. */
const BUILTIN = fileURLToPath(new URL('../../models/builtin', import.meta.url));

/**
 * The embedder that the settings ask for; `auto` is the sidecar where its address is set, else the model folder where
 * one is set, else the one that comes along. Where it cannot be had, one that is down: the start goes on.
 */
export function createEmbedder(config: Config, mode: SemanticMode, log: Logger, metrics: Metrics): Embedder {
  const embedder = chooseEmbedder(config, mode, log, metrics);
  metrics.observeSize('embedding-queue', () => embedder.queued ?? 0);
  return embedder;
}

function chooseEmbedder(config: Config, mode: SemanticMode, log: Logger, metrics: Metrics): Embedder {
  if (mode === 'off') return new AbsentEmbedder('there is no semantic cache');
  const { embedder, modelDir } = config.semanticCache;
  const kind = embedder === 'auto' ? automatic(config, log) : embedder;
  switch (kind) {
    case 'sidecar':
      return sidecar(config, log, metrics);
    case 'onnx':
      if (modelDir !== undefined) return inProcess(modelDir, log);
      return new AbsentEmbedder('there is no embedding model; set semantic_cache.model_dir to a folder with one');
    case 'builtin':
      return mode === 'serve' ? inProcess(BUILTIN, log) : deferredBuiltin(log);
    default:
      return kind satisfies never;
  }
}

function automatic({ semanticCache, embeddingSidecar }: Config, log: Logger): 'sidecar' | 'onnx' | 'builtin' {
  if (embeddingSidecar.url !== undefined) return 'sidecar';
  if (semanticCache.modelDir !== undefined) return 'onnx';
  log.info(
    'no embedding model is set: the semantic cache (L1b) uses the small one that comes along; `npm run model:fetch` gets the reference model for semantic_cache.model_dir',
  );
  return 'builtin';
}

function sidecar({ embeddingSidecar: { url, model, timeoutSecs } }: Config, log: Logger, metrics: Metrics): Embedder {
  if (url === undefined) return new AbsentEmbedder('embedding_sidecar.sidecar_url is not set');
  const embedder = new SidecarEmbedder({
    url,
    model,
    timeoutMs: timeoutSecs * 1_000,
    threshold: DEFAULT_THRESHOLD,
    onBreaker: (state) => metrics.breaker('embedding-sidecar', state),
    onFault: (reason) => log.warn({ reason }, 'the embedding server cannot be used; it is tried again'),
  });
  tellOfCalibration(embedder, log);
  return embedder;
}

function inProcess(dir: string, log: Logger): Embedder {
  return orAbsent(() => {
    const embedder = new OnnxEmbedder(readModelFolder(dir), {
      onFault: (reason) => log.warn({ reason }, 'the embedding model does not run; L1b is down until it does'),
    });
    tellOfCalibration(embedder, log);
    return embedder;
  });
}

function tellOfCalibration({ calibration, threshold }: Embedder, log: Logger): void {
  if (calibration !== undefined) return;
  log.warn(
    { threshold },
    'this embedder is not calibrated: beyond the threshold rules alone decide on hits, and semantic_cache.point has no effect',
  );
}

/** In the shadow nobody waits for it: a core that is asked nothing does not pay for it. */
function deferredBuiltin(log: Logger): Embedder {
  return orAbsent(
    () => new DeferredEmbedder({ name: 'builtin', threshold: readThreshold(BUILTIN) }, () => inProcess(BUILTIN, log)),
  );
}

function orAbsent(make: () => Embedder): Embedder {
  try {
    return make();
  } catch (error) {
    return new AbsentEmbedder(error instanceof Error ? error.message : 'the model folder cannot be read');
  }
}
