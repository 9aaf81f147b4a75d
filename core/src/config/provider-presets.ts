import type { Operation, ProviderDialect } from '@isartor/shared';

/** The providers that are known by name, the three makers' own APIs first. */
export const PRESET_NAMES = [
  'openai',
  'anthropic',
  'gemini',
  'azure',
  'vertex',
  'bedrock',
  'groq',
  'mistral',
  'deepseek',
  'openrouter',
  'xai',
  'together',
  'fireworks',
  'cerebras',
  'nvidia',
  'perplexity',
  'moonshot',
  'deepinfra',
  'sambanova',
  'huggingface',
  'cohere',
  'ollama',
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** What is known of a provider by its name. */
export interface ProviderPreset {
  /** The API that it speaks at `url`. */
  readonly dialect: ProviderDialect;
  /** The other API that it speaks there, where it is asked for it. */
  readonly otherDialect?: ProviderDialect;
  /** Base of the API with its version, without a slash at its end; undefined: each customer has one of its own. */
  readonly url: string | undefined;
  /** A model whose name stays, asked where nothing else is said; undefined: there is none. */
  readonly model?: string;
  /** Whether that address lets nobody in without a key. */
  readonly needsKey: boolean;
  /** Whether `stream_options.include_usage` may be asked for; where not, it is refused or told anyway. */
  readonly asksUsage: boolean;
  /** What its server has of one API or of several; undefined: all of its API. */
  readonly serves?: readonly Operation[];
}

const CHAT = ['openai.chat', 'native.chat'] as const;
const COMPLETIONS = 'openai.completions';
const RESPONSES = 'openai.responses';
const EMBEDDINGS = 'openai.embeddings';
/** A public server that speaks OpenAI's API as far as is said beside it. */
const COMPATIBLE = { dialect: 'openai', needsKey: true, asksUsage: true } as const;

/**
 * The providers by name. Of those that speak OpenAI's API: what their own documentation lists as served. Sources:
 * azure https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle;
 * vertex https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference and
 * https://docs.claude.com/en/api/claude-on-vertex-ai;
 * bedrock https://docs.claude.com/en/api/claude-on-amazon-bedrock and
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html;
 * groq https://console.groq.com/docs/openai (no text completions; no embeddings);
 * mistral https://docs.mistral.ai/api (a member it does not know is refused with 422, `stream_options.include_usage` is
 * one: https://github.com/avante-corp/avante.nvim/issues/2347; its streams tell their usage unasked);
 * deepseek https://api-docs.deepseek.com (completions only below /beta);
 * openrouter https://openrouter.ai/docs/api-reference/overview; xai https://docs.x.ai/docs/api-reference;
 * together https://docs.together.ai/docs/openai-api-compatibility;
 * fireworks https://docs.fireworks.ai/tools-sdks/openai-compatibility;
 * cerebras https://inference-docs.cerebras.ai/resources/openai; nvidia https://docs.api.nvidia.com/nim/reference;
 * perplexity https://docs.perplexity.ai/guides/chat-completions-guide;
 * moonshot https://platform.moonshot.ai/docs/api/chat; deepinfra https://deepinfra.com/docs/openai_api;
 * sambanova https://docs.sambanova.ai/docs/en/features/openai-compatibility;
 * huggingface https://huggingface.co/docs/inference-providers; cohere https://docs.cohere.com/docs/compatibility-api;
 * ollama https://docs.ollama.com/api/openai-compatibility.
 */
export const PROVIDER_PRESETS: Readonly<Record<PresetName, ProviderPreset>> = {
  openai: { ...COMPATIBLE, url: 'https://api.openai.com/v1', model: 'gpt-4o-mini' },
  anthropic: {
    dialect: 'anthropic',
    url: 'https://api.anthropic.com/v1',
    model: 'claude-haiku-4-5',
    needsKey: true,
    asksUsage: true,
  },
  gemini: {
    dialect: 'gemini',
    url: 'https://generativelanguage.googleapis.com/v1beta',
    model: 'gemini-2.5-flash',
    needsKey: true,
    asksUsage: true,
  },
  azure: {
    ...COMPATIBLE,
    url: undefined,
    // Without one, the workload's own identity is asked for a token.
    needsKey: false,
    serves: [...CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS],
  },
  // By the dialect it is asked for Gemini's models or for Anthropic's.
  vertex: { dialect: 'gemini', otherDialect: 'anthropic', url: undefined, needsKey: false, asksUsage: true },
  // By the dialect it is asked for Anthropic's models or for OpenAI's.
  bedrock: {
    dialect: 'anthropic',
    otherDialect: 'openai',
    url: undefined,
    needsKey: false,
    asksUsage: true,
    serves: ['anthropic.messages', ...CHAT],
  },
  groq: { ...COMPATIBLE, url: 'https://api.groq.com/openai/v1', serves: [...CHAT, RESPONSES] },
  mistral: {
    ...COMPATIBLE,
    url: 'https://api.mistral.ai/v1',
    model: 'mistral-small-latest',
    asksUsage: false,
    serves: [...CHAT, EMBEDDINGS],
  },
  deepseek: { ...COMPATIBLE, url: 'https://api.deepseek.com/v1', serves: CHAT },
  openrouter: {
    ...COMPATIBLE,
    url: 'https://openrouter.ai/api/v1',
    model: 'openrouter/auto',
    serves: [...CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS],
  },
  xai: { ...COMPATIBLE, url: 'https://api.x.ai/v1', serves: [...CHAT, COMPLETIONS, RESPONSES] },
  together: { ...COMPATIBLE, url: 'https://api.together.xyz/v1', serves: [...CHAT, COMPLETIONS, EMBEDDINGS] },
  fireworks: {
    ...COMPATIBLE,
    url: 'https://api.fireworks.ai/inference/v1',
    serves: [...CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS],
  },
  cerebras: { ...COMPATIBLE, url: 'https://api.cerebras.ai/v1', serves: [...CHAT, COMPLETIONS] },
  nvidia: { ...COMPATIBLE, url: 'https://integrate.api.nvidia.com/v1', serves: [...CHAT, COMPLETIONS, EMBEDDINGS] },
  perplexity: { ...COMPATIBLE, url: 'https://api.perplexity.ai', asksUsage: false, serves: CHAT },
  moonshot: { ...COMPATIBLE, url: 'https://api.moonshot.ai/v1', serves: CHAT },
  deepinfra: {
    ...COMPATIBLE,
    url: 'https://api.deepinfra.com/v1/openai',
    serves: [...CHAT, COMPLETIONS, EMBEDDINGS],
  },
  sambanova: { ...COMPATIBLE, url: 'https://api.sambanova.ai/v1', serves: [...CHAT, EMBEDDINGS] },
  huggingface: { ...COMPATIBLE, url: 'https://router.huggingface.co/v1', serves: [...CHAT, RESPONSES] },
  cohere: { ...COMPATIBLE, url: 'https://api.cohere.ai/compatibility/v1', serves: [...CHAT, EMBEDDINGS] },
  ollama: {
    ...COMPATIBLE,
    url: 'http://localhost:11434/v1',
    needsKey: false,
    serves: [...CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS],
  },
};

/** The host of an address that lets nobody in without a key, as far as the provider is known; undefined: it may. */
export function hostThatNeedsKey(name: PresetName, url: string | undefined): string | undefined {
  const preset = PROVIDER_PRESETS[name];
  if (!preset.needsKey || preset.url === undefined) return undefined;
  const { hostname } = new URL(preset.url);
  return url === undefined || new URL(url).hostname === hostname ? hostname : undefined;
}
