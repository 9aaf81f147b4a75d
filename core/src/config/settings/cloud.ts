import { apiBaseUrl } from '../address-types.ts';
import { setting } from '../setting.ts';
import { choice, decimalNumber, flag, headerSecret, oneLine } from '../value-types.ts';

const DAY_SECS = 86_400;

/** L3: the provider, and the clocks of a request. */
export const CLOUD_SETTINGS = {
  llmProvider: setting({
    path: 'llm_provider',
    type: choice(['openai', 'azure', 'anthropic', 'gemini']),
    default: 'openai',
    doc: '`openai` also stands for every compatible server, by its URL. The others are known names that this version does not serve.',
  }),
  externalLlmUrl: setting({
    path: 'external_llm.url',
    aliases: ['external_llm_url'],
    env: 'ISARTOR__EXTERNAL_LLM_URL',
    type: apiBaseUrl(),
    default: undefined,
    defaultText: "the provider's own (`https://api.openai.com/v1`)",
    doc: 'Base of the API with its version; a `/chat/completions` at the end is cut.',
  }),
  externalLlmModel: setting({
    path: 'external_llm.model',
    aliases: ['external_llm_model'],
    env: 'ISARTOR__EXTERNAL_LLM_MODEL',
    type: oneLine(),
    default: 'gpt-4o-mini',
    doc: 'The model of requests that name none.',
  }),
  externalLlmApiKey: setting({
    path: 'external_llm.api_key',
    aliases: ['external_llm_api_key'],
    env: 'ISARTOR__EXTERNAL_LLM_API_KEY',
    type: headerSecret(),
    default: undefined,
    defaultText: "none: allowed only where the URL is not the provider's own",
    secret: true,
    doc: 'Our key at the provider.',
  }),
  externalLlmAskUsage: setting({
    path: 'external_llm.ask_usage',
    aliases: ['external_llm_ask_usage'],
    env: 'ISARTOR__EXTERNAL_LLM_ASK_USAGE',
    type: flag(),
    default: true,
    doc: 'Asks for token figures at the end of a stream. `false` for servers that refuse `stream_options`.',
  }),
  firstByteSecs: setting({
    path: 'clocks.first_byte_secs',
    type: decimalNumber(0.001, DAY_SECS),
    default: 110,
    unit: 'seconds',
    doc: "Longest wait for the provider's first byte, all tries together.",
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
