import { serverRootUrl } from '../address-types.ts';
import { setting } from '../setting.ts';
import { choiceOr, decimalNumber, modelNames, oneLine } from '../value-types.ts';

/** L2: the small self-hosted model. */
export const SMALL_MODEL_SETTINGS = {
  routerBackend: setting({
    path: 'slm_router.provider',
    aliases: ['router_backend'],
    env: 'ISARTOR__ROUTER_BACKEND',
    type: choiceOr(['none', 'vllm', 'tgi', 'llamacpp', 'openai', 'embedded'], { remote_http: 'vllm' }),
    default: 'none',
    doc: 'What serves the small model. `openai`: any compatible server; `embedded`: in process, for one machine.',
  }),
  smallModelUrl: setting({
    path: 'slm_router.remote_url',
    aliases: ['vllm_url', 'layer2.sidecar_url'],
    env: 'ISARTOR__VLLM_URL',
    type: serverRootUrl(),
    default: undefined,
    doc: 'Root of the pool that serves the small model, whatever the backend.',
  }),
  smallModelName: setting({
    path: 'slm_router.model',
    aliases: ['vllm_model', 'layer2.model_name'],
    env: 'ISARTOR__VLLM_MODEL',
    type: oneLine(),
    default: undefined,
    doc: 'Model name to ask the pool for.',
  }),
  smallModelTimeoutSecs: setting({
    path: 'layer2.timeout_seconds',
    aliases: ['slm_router.timeout_seconds'],
    type: decimalNumber(0.001, 600),
    default: 30,
    unit: 'seconds',
    doc: 'Longest wait for the pool.',
  }),
  smallModelReplaces: setting({
    path: 'layer2.replaces',
    aliases: ['slm_router.replaces'],
    type: modelNames(),
    default: undefined,
    defaultText: 'the default model (`external_llm.model`)',
    doc: 'Models in whose place the small one may answer; who names any other model gets that one.',
  }),
};
