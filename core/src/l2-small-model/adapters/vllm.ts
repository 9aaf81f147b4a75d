import type { Protocol } from './protocol.ts';
import { readModelList } from './read-model-list.ts';

/** https://docs.vllm.ai/en/latest/features/structured_outputs.html */
export const VLLM: Protocol = {
  name: 'vllm',
  healthPath: '/health',
  modelsPath: '/v1/models',
  asksUsage: true,
  ignores: new Set(),
  logprobs: { ask: { logprobs: true, top_logprobs: 0 }, otherwise: 'null' },
  readModels: (answer) => readModelList(answer, (model) => model['max_model_len']),
  // `gpu_cache_usage_perc` is what versions before 0.11 call it.
  load: {
    path: '/metrics',
    names: {
      queued: ['vllm:num_requests_waiting'],
      cacheUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
    },
  },
  // `guided_choice` is what versions before 0.11 call it; each version passes over the name it does not know.
  constrain: (labels) => ({ structured_outputs: { choice: labels }, guided_choice: labels }),
  // Its own default for `--max-logprobs`.
  topLogprobs: 20,
};
