import type { Protocol } from './protocol.ts';
import { tokensOf } from './read-model-list.ts';

/** https://huggingface.co/docs/text-generation-inference/basic_tutorials/using_guidance */
export const TGI: Protocol = {
  name: 'tgi',
  healthPath: '/health',
  modelsPath: '/info',
  asksUsage: true,
  // It would fall back on its own bound, and cut the answer.
  ignores: new Set(['max_completion_tokens']),
  logprobs: { ask: { logprobs: true }, otherwise: 'null' },
  readModels: (answer) => {
    const name = answer['model_id'];
    return typeof name === 'string' ? [{ name, contextTokens: tokensOf(answer['max_total_tokens']) }] : undefined;
  },
  load: { path: '/metrics', names: { queued: ['tgi_queue_size'], cacheUse: [] } },
  constrain: (labels) => ({ response_format: { type: 'regex', value: `(${labels.join('|')})` } }),
  // Its own default for `--max-top-n-tokens`.
  topLogprobs: 5,
};
