import { serverRootUrls } from '../address-types.ts';
import { routeList } from '../route-list-type.ts';
import { setting } from '../setting.ts';
import { choice, choiceOr, decimalNumber, headerSecret, modelNames, oneLine, wholeNumber } from '../value-types.ts';

/** L2: the small self-hosted model. */
export const SMALL_MODEL_SETTINGS = {
  routerBackend: setting({
    path: 'slm_router.provider',
    aliases: ['router_backend'],
    env: 'ISARTOR__ROUTER_BACKEND',
    type: choiceOr(['none', 'vllm', 'tgi', 'llamacpp', 'openai', 'embedded'], { remote_http: 'vllm' }),
    default: 'none',
    doc: 'What serves the small model. `openai`: any compatible server; `embedded` (in process) is a known name that this version does not serve.',
  }),
  smallModelUrl: setting({
    path: 'slm_router.remote_url',
    aliases: ['vllm_url', 'layer2.sidecar_url'],
    env: 'ISARTOR__VLLM_URL',
    type: serverRootUrls(),
    default: undefined,
    doc: 'Root of the pool that serves the small model, whatever the backend; several servers parted by commas.',
  }),
  smallModelName: setting({
    path: 'slm_router.model',
    aliases: ['vllm_model', 'layer2.model_name'],
    env: 'ISARTOR__VLLM_MODEL',
    type: oneLine(),
    default: undefined,
    doc: 'Model name to ask the pool for. Where the pool does not serve it, the only one that it serves stands in.',
  }),
  smallModelTimeoutSecs: setting({
    path: 'layer2.timeout_seconds',
    aliases: ['slm_router.timeout_seconds'],
    type: decimalNumber(0.001, 600),
    default: 30,
    unit: 'seconds',
    doc: 'Longest wait for the pool, beside `layer2.deadline_share`.',
  }),
  smallModelDeadlineShare: setting({
    path: 'layer2.deadline_share',
    type: decimalNumber(0.001, 1),
    default: 0.25,
    doc: "Share of a request's time (`clocks.*`) that the small model may spend before the cloud is asked.",
  }),
  smallModelDecide: setting({
    path: 'layer2.decide',
    type: choice(['probe', 'classifier', 'always', 'never']),
    default: 'probe',
    doc: 'Who decides whether the small model is good enough. `probe`: the small model itself, by one letter and its probability. `classifier`: the features of the text, at no cost and hardly better than chance on subjects that it was not trained on (`core/eval/routing`).',
  }),
  smallModelThreshold: setting({
    path: 'layer2.threshold',
    type: decimalNumber(0, 1),
    default: 0.5,
    doc: 'Least probability of a good answer with which the small model answers.',
  }),
  smallModelRoutes: setting({
    path: 'layer2.routes',
    type: routeList(),
    default: undefined,
    defaultText: 'none: `layer2.decide` for all',
    doc: 'Who decides about which requests, the first row that matches: by model (`isartor/auto`: none named), tenant or a header. `l2`: the small model answers, `l3`: it does not. Rows do not widen whom it may answer (`layer2.replaces`). What is in the cache is served whatever the header says.',
  }),
  smallModelRecordShare: setting({
    path: 'layer2.record_share',
    type: decimalNumber(0, 1),
    default: 0.01,
    doc: 'Of the requests that the small model may not answer, the share that `probe` is asked about all the same, to be counted.',
  }),
  smallModelMaxOutstanding: setting({
    path: 'layer2.max_outstanding',
    type: wholeNumber(1, 100_000),
    default: 64,
    unit: 'requests',
    doc: 'Most requests that one server of the pool has at a time; what comes beyond goes to the cloud at once.',
  }),
  smallModelMaxQueued: setting({
    path: 'layer2.max_queued',
    type: wholeNumber(1, 100_000),
    default: 16,
    unit: 'requests',
    doc: 'Requests that may wait at one server, by its own `/metrics` (those of other gateways too), before it is passed over. Of no effect where it tells no figures.',
  }),
  smallModelWakeWaitMs: setting({
    path: 'layer2.wake_wait_ms',
    type: wholeNumber(0, 600_000),
    default: 0,
    unit: 'milliseconds',
    doc: 'How long a request waits for a pool that is down or loads (scaled to zero), at most its deadline share; the first server that is ready is used at once. 0: it goes to the cloud at once.',
  }),
  smallModelDiscovery: setting({
    path: 'layer2.discovery',
    type: choice(['url', 'dns']),
    default: 'url',
    doc: '`url`: each address is one server. `dns`: each address that its name resolves to is one (a headless Service).',
  }),
  smallModelApiKey: setting({
    path: 'layer2.api_key',
    type: headerSecret(),
    default: undefined,
    secret: true,
    doc: 'Our key at the pool, where it asks for one.',
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
