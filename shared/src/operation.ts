/** What a caller can ask for; the word is part of each cache key. A later dialect is a row here and in the table below. */
export const OPERATIONS = [
  'openai.chat',
  'openai.completions',
  'openai.responses',
  'openai.embeddings',
  'anthropic.messages',
  'anthropic.count_tokens',
  'gemini.generate',
  'native.chat',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Whose shapes a request's answers and errors have. */
export type Dialect = 'openai' | 'responses' | 'anthropic' | 'gemini' | 'native';

/** The APIs that providers speak; `openai` is that of every compatible server too. */
export const PROVIDER_DIALECTS = ['openai', 'anthropic', 'gemini'] as const;
export type ProviderDialect = (typeof PROVIDER_DIALECTS)[number];

/** What edge and core must know about one operation. */
export interface OperationSpec {
  readonly name: Operation;
  readonly dialect: Dialect;
  /** Paths that lead to it, all by POST; one whose path names the model has none (see `geminiTarget`). */
  readonly routes: readonly string[];
  /** The API that a provider must speak to answer it: nothing is translated but `native.chat`. */
  readonly providerDialect: ProviderDialect;
  /** Path at the provider, below the configured API base; '' where the path names the model. */
  readonly upstreamPath: string;
  /** Whether `stream: true` is possible. */
  readonly streams: boolean;
  /** Whether a stream tells its usage only where `stream_options.include_usage` asks for it. */
  readonly asksStreamUsage: boolean;
  /** Top-level request fields that cannot change the answer: they are not part of the cache key. */
  readonly ignoredFields: readonly string[];
  /** Request headers that can change the answer: part of the cache key, and passed on to the provider. Lower-case. */
  readonly answerHeaders: readonly string[];
  /** Query parameters that can change the answer: part of the cache key, and passed on to the provider. */
  readonly envelopeQuery: readonly string[];
  /** Query parameters that decide how the answer is framed, and nothing else of it: passed on to the provider. */
  readonly framingQuery: readonly string[];
}

/** The table of operations. */
export const OPERATION_SPECS: Readonly<Record<Operation, OperationSpec>> = {
  'openai.chat': {
    name: 'openai.chat',
    dialect: 'openai',
    routes: ['/v1/chat/completions'],
    providerDialect: 'openai',
    upstreamPath: '/chat/completions',
    streams: true,
    asksStreamUsage: true,
    ignoredFields: ['stream', 'stream_options', 'prompt_cache_key'],
    answerHeaders: ['openai-beta'],
    envelopeQuery: ['api-version'],
    framingQuery: [],
  },
  'openai.completions': {
    name: 'openai.completions',
    dialect: 'openai',
    routes: ['/v1/completions'],
    providerDialect: 'openai',
    upstreamPath: '/completions',
    streams: true,
    asksStreamUsage: true,
    ignoredFields: ['stream', 'stream_options', 'prompt_cache_key'],
    answerHeaders: ['openai-beta'],
    envelopeQuery: ['api-version'],
    framingQuery: [],
  },
  'openai.responses': {
    name: 'openai.responses',
    dialect: 'responses',
    routes: ['/v1/responses'],
    providerDialect: 'openai',
    upstreamPath: '/responses',
    streams: true,
    asksStreamUsage: false,
    ignoredFields: ['stream'],
    answerHeaders: ['openai-beta'],
    envelopeQuery: ['api-version'],
    framingQuery: [],
  },
  'openai.embeddings': {
    name: 'openai.embeddings',
    dialect: 'openai',
    routes: ['/v1/embeddings'],
    providerDialect: 'openai',
    upstreamPath: '/embeddings',
    streams: false,
    asksStreamUsage: false,
    ignoredFields: ['stream'],
    answerHeaders: ['openai-beta'],
    envelopeQuery: ['api-version'],
    framingQuery: [],
  },
  'anthropic.messages': {
    name: 'anthropic.messages',
    dialect: 'anthropic',
    routes: ['/v1/messages'],
    providerDialect: 'anthropic',
    upstreamPath: '/messages',
    streams: true,
    asksStreamUsage: false,
    ignoredFields: ['stream'],
    answerHeaders: ['anthropic-version', 'anthropic-beta'],
    envelopeQuery: ['beta'],
    framingQuery: [],
  },
  'anthropic.count_tokens': {
    name: 'anthropic.count_tokens',
    dialect: 'anthropic',
    routes: ['/v1/messages/count_tokens'],
    providerDialect: 'anthropic',
    upstreamPath: '/messages/count_tokens',
    streams: false,
    asksStreamUsage: false,
    ignoredFields: ['stream'],
    answerHeaders: ['anthropic-version', 'anthropic-beta'],
    envelopeQuery: ['beta'],
    framingQuery: [],
  },
  'gemini.generate': {
    name: 'gemini.generate',
    dialect: 'gemini',
    routes: [],
    providerDialect: 'gemini',
    upstreamPath: '',
    streams: true,
    asksStreamUsage: false,
    ignoredFields: [],
    answerHeaders: [],
    envelopeQuery: [],
    framingQuery: ['alt'],
  },
  'native.chat': {
    name: 'native.chat',
    dialect: 'native',
    routes: ['/api/chat', '/api/v1/chat'],
    providerDialect: 'openai',
    upstreamPath: '/chat/completions',
    streams: false,
    asksStreamUsage: false,
    ignoredFields: ['stream'],
    answerHeaders: [],
    envelopeQuery: [],
    framingQuery: [],
  },
};
