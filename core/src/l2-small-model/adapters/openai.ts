import type { Protocol } from './protocol.ts';
import { readModelList } from './read-model-list.ts';

/** Any compatible server: what all have in common. It cannot be held to a label; the probabilities alone decide. */
export const OPENAI: Protocol = {
  name: 'openai',
  healthPath: '/v1/models',
  modelsPath: '/v1/models',
  asksUsage: true,
  ignores: new Set(),
  logprobs: { ask: { logprobs: true }, otherwise: 'null' },
  readModels: (answer) => readModelList(answer, () => undefined),
  load: undefined,
  constrain: () => ({}),
  topLogprobs: 20,
};
