import { isJsonObject } from '@isartor/shared';
import type { Protocol } from './protocol.ts';
import { readModelList } from './read-model-list.ts';

/** https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
export const LLAMACPP: Protocol = {
  name: 'llamacpp',
  healthPath: '/health',
  modelsPath: '/v1/models',
  asksUsage: true,
  ignores: new Set(),
  // With no alternative at all it tells nothing; of itself it would tell twenty.
  logprobs: { ask: { logprobs: true, top_logprobs: 1 }, otherwise: 'nothing' },
  readModels: (answer) =>
    readModelList(answer, ({ meta }) => (meta !== undefined && isJsonObject(meta) ? meta['n_ctx'] : undefined)),
  // Only where it was started with `--metrics`; else 501.
  load: {
    path: '/metrics',
    names: { queued: ['llamacpp:requests_deferred'], cacheUse: ['llamacpp:kv_cache_usage_ratio'] },
  },
  constrain: (labels) => ({ grammar: `root ::= ${labels.map((label) => JSON.stringify(label)).join(' | ')}` }),
  topLogprobs: 20,
};
