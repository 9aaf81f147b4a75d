import { apiBaseUrl } from '../address-types.ts';

import { modelRouteList } from '../model-route-list-type.ts';
import { providerList } from '../provider-list-type.ts';
import { PRESET_NAMES } from '../provider-presets.ts';
import { setting } from '../setting.ts';
import { choice, decimalNumber, flag, headerSecrets, oneLine, wholeNumber } from '../value-types.ts';

const DAY_SECS = 86_400;

/** L3: the providers, and how long and how often they are asked. */
export const CLOUD_SETTINGS = {
  llmProvider: setting({
    path: 'llm_provider',
    type: choice(PRESET_NAMES),
    default: 'openai',
    doc: 'The provider, by its name: its address, the API that it speaks and what of it are known. `openai` also stands for every compatible server, by its URL; `anthropic` answers `/v1/messages` alone, `gemini` `/v1beta/models/…` alone, the others what their servers have of OpenAI’s API. `azure` needs its address (`https://RESOURCE.openai.azure.com/openai/v1`); without a key it is asked with Entra ID’s tokens for the workload’s identity (`AZURE_FEDERATED_TOKEN_FILE`, `AZURE_CLIENT_ID` and `AZURE_TENANT_ID`, else the managed identity). `vertex` (Gemini’s models on Google Cloud) needs its address (`https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION`) and takes no key: its tokens are those of Google’s default credentials (`GOOGLE_APPLICATION_CREDENTIALS`, else the metadata server). `bedrock` (Anthropic’s models on AWS) needs its address (`https://bedrock-runtime.REGION.amazonaws.com`); without a Bedrock API key its requests are signed with the credentials of AWS’s default chain (environment, profile, web identity, ECS, EKS, the machine’s).',
  }),
  externalLlmUrl: setting({
    path: 'external_llm.url',
    aliases: ['external_llm_url'],
    env: 'ISARTOR__EXTERNAL_LLM_URL',
    type: apiBaseUrl(),
    default: undefined,
    defaultText:
      "the provider's own (`https://api.openai.com/v1`, `https://api.anthropic.com/v1`, `https://generativelanguage.googleapis.com/v1beta`, …)",
    doc: 'Base of the API with its version; a `/chat/completions` at the end is cut.',
  }),
  externalLlmModel: setting({
    path: 'external_llm.model',
    aliases: ['external_llm_model'],
    env: 'ISARTOR__EXTERNAL_LLM_MODEL',
    type: oneLine(),
    default: 'gpt-4o-mini',
    defaultText:
      '`gpt-4o-mini`; of `anthropic`: `claude-haiku-4-5`; of `gemini`: `gemini-2.5-flash`; of `mistral`: `mistral-small-latest`; of `openrouter`: `openrouter/auto`; of the others none: name one',
    doc: 'The model of requests that name none.',
  }),
  externalLlmApiKey: setting({
    path: 'external_llm.api_key',
    aliases: ['external_llm_api_key'],
    env: 'ISARTOR__EXTERNAL_LLM_API_KEY',
    type: headerSecrets(),
    default: undefined,
    defaultText: "none: allowed only where the URL is not the provider's own",
    secret: true,
    doc: 'Our key at the provider; several are parted by commas (see `l3.key_order`).',
  }),
  externalLlmAskUsage: setting({
    path: 'external_llm.ask_usage',
    aliases: ['external_llm_ask_usage'],
    env: 'ISARTOR__EXTERNAL_LLM_ASK_USAGE',
    type: flag(),
    default: true,
    doc: 'Asks for token figures at the end of a stream. `false` for servers that refuse `stream_options`.',
  }),
  l3Providers: setting({
    path: 'l3.providers',
    type: providerList(),
    default: undefined,
    defaultText: 'none: the provider of `external_llm.*` is the only one',
    secret: true,
    doc: "Providers in the order in which they are asked, in the place of `external_llm.*`: who fails is followed by the next. A provider with a `weight` takes that share of the first choices. A provider's `preset` is its name among those of `llm_provider`, whose address, API and quirks it then has, `url`, `model` and `ask_usage` where they are not given; what its server does not have, it is not asked for. Of `azure`: its `resource`, or its `url`, and the `api_version` where its dated API is to be asked; of `vertex`: its `project` and `location` (`global` too), and `dialect` `anthropic` where Anthropic’s models are asked there; of `bedrock`: its `region`, and `dialect` `openai` where the models behind its API of OpenAI’s form are asked. A provider's `dialect` is the API that it speaks, `openai` (the default), `anthropic` or `gemini`: it is asked for that API's routes alone. Each is asked for its own `model` where the request leaves the model open or names `external_llm.model` (here by default the first one's).",
  }),
  l3Routes: setting({
    path: 'l3.routes',
    type: modelRouteList(),
    default: undefined,
    defaultText: 'none: every provider is asked for every model',
    doc: 'Who is asked for which models, and on what terms: the first row whose `model` is that of the request. `to` lists providers (of `l3.providers`) in the order in which they are asked, each for its own `model` or for the one of the request; those with a `weight` take that share of the first choices. A row may have `clocks` of its own, and may narrow what the caches and the layers do. A name without `*` is an alias, which `GET /v1/models` lists.',
  }),
  keyOrder: setting({
    path: 'l3.key_order',
    type: choice(['round_robin', 'priority']),
    default: 'round_robin',
    doc: 'Which of several keys of a provider is asked with: each in its turn, or the first that does not rest. A key rests after 429 (for its `Retry-After`, else 10 seconds), after a quota error (5 minutes) and when it is refused (10 minutes), in all pods that share a Redis.',
  }),
  retryMaxCalls: setting({
    path: 'l3.retry.max_calls',
    type: wholeNumber(1, 4),
    default: 4,
    doc: 'Most calls to providers for one request, all providers together; 1: no retry and no fallback.',
  }),
  retryBaseWaitMs: setting({
    path: 'l3.retry.base_wait_ms',
    type: wholeNumber(0, 60_000),
    default: 250,
    unit: 'milliseconds',
    doc: 'Bound of the random wait before a provider is asked again; doubles with each further call.',
  }),
  retryMaxWaitSecs: setting({
    path: 'l3.retry.max_wait_secs',
    type: decimalNumber(0, 3_600),
    default: 10,
    unit: 'seconds',
    doc: 'Longest wait before a provider is asked again; a longer `Retry-After` is not waited for.',
  }),
  breakerFailures: setting({
    path: 'l3.breaker.failures',
    type: wholeNumber(1, 1_000),
    default: 5,
    doc: 'Failures in a row after which a provider is passed over for a while.',
  }),
  breakerOpenSecs: setting({
    path: 'l3.breaker.open_secs',
    type: decimalNumber(0.001, 3_600),
    default: 10,
    unit: 'seconds',
    doc: 'How long a provider is passed over before one request tries it.',
  }),
  firstByteSecs: setting({
    path: 'clocks.first_byte_secs',
    type: decimalNumber(0.001, DAY_SECS),
    default: 110,
    unit: 'seconds',
    doc: "Longest wait for a provider's first byte (of a stream: its first event), all calls and waits together.",
  }),
  betweenBytesSecs: setting({
    path: 'clocks.between_bytes_secs',
    type: decimalNumber(0.001, DAY_SECS),
    default: 60,
    unit: 'seconds',
    doc: 'Longest silence within a stream.',
  }),
  streamSecs: setting({
    path: 'clocks.stream_secs',
    type: decimalNumber(0.001, DAY_SECS),
    default: 900,
    unit: 'seconds',
    doc: 'Longest life of a stream.',
  }),
  plainSecs: setting({
    path: 'clocks.plain_secs',
    type: decimalNumber(0.001, DAY_SECS),
    default: 110,
    unit: 'seconds',
    doc: 'Longest time for an answer that is not streamed.',
  }),
};
