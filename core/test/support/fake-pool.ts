import { isJsonObject, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  fakeUpstream,
  jsonAnswer,
  type FakeAnswer,
  type FakeUpstream,
  type RecordedRequest,
} from '@isartor/shared/testing';

/** The kinds of model servers. */
export const BACKENDS = ['vllm', 'tgi', 'llamacpp', 'openai'] as const;
export type Backend = (typeof BACKENDS)[number];

/** How a stand-in behaves; what is not set is well. */
export interface FakePoolBehaviour {
  /** Names of the models it serves. */
  models?: readonly string[];
  contextTokens?: number;
  /** Undefined: it answers `Small answer to: …`. */
  answer?: ((request: RecordedRequest, asked: JsonObject) => FakeAnswer | undefined | Promise<FakeAnswer>) | undefined;
  /** Probability of the label A. */
  probability?: number;
  /** Probability of a word of its usual answers, by the word's place; undefined: it tells none, asked or not. */
  sureOf?: ((word: number) => number) | undefined;
  loading?: boolean;
  /** What its `/metrics` tell; undefined: it has none. */
  figures?: string;
}

/** A stand-in for a model server, as its documentation has it. */
export interface FakePool {
  readonly upstream: FakeUpstream;
  readonly url: string;
  /** May be changed at any time. */
  readonly behaviour: FakePoolBehaviour;
  /** Bodies of the chat requests so far, without those that ask for a label. */
  chats(): readonly JsonObject[];
  /** Those that ask for a label. */
  probes(): readonly JsonObject[];
}

/** Starts a stand-in that speaks this kind's routes, errors and streams. */
export async function fakePool(backend: Backend, behaviour: FakePoolBehaviour = {}): Promise<FakePool> {
  const asked = (): readonly JsonObject[] =>
    upstream.requests.filter(({ path }) => path === '/v1/chat/completions').map(bodyOf);
  const upstream = await fakeUpstream({ respond: (request) => respond(backend, behaviour, request) });
  return {
    upstream,
    url: upstream.origin,
    behaviour,
    chats: () => asked().filter((body) => !isProbe(body)),
    probes: () => asked().filter(isProbe),
  };
}

function respond(
  backend: Backend,
  behaviour: FakePoolBehaviour,
  request: RecordedRequest,
): FakeAnswer | undefined | Promise<FakeAnswer> {
  const { models = ['small'], contextTokens = 4096 } = behaviour;
  const { loading = false, figures } = behaviour;
  if (request.path === '/metrics')
    return { kind: 'text', status: figures === undefined ? 404 : 200, body: figures ?? '' };
  if (request.method === 'GET') return described(backend, request.path, models, contextTokens, loading);
  if (request.path !== '/v1/chat/completions') return undefined;
  if (loading) return loadingAnswer(backend);
  const asked = bodyOf(request);
  const { model } = asked;
  // TGI and llama.cpp answer whatever name they are asked for.
  if ((backend === 'vllm' || backend === 'openai') && (typeof model !== 'string' || !models.includes(model))) {
    return unknownModel(JSON.stringify(model));
  }
  if (isProbe(asked)) return labelAnswer(behaviour.probability ?? 0.9);
  return behaviour.answer?.(request, asked) ?? smallAnswer(backend, asked, behaviour.sureOf);
}

function isProbe({ logprobs, max_tokens: bound }: JsonObject): boolean {
  return logprobs === true && bound === 1;
}

function described(
  backend: Backend,
  path: string,
  models: readonly string[],
  contextTokens: number,
  loading: boolean,
): FakeAnswer | undefined {
  if (path === '/health' && backend !== 'openai') {
    return loading ? loadingAnswer(backend) : { kind: 'text', body: backend === 'llamacpp' ? '{"status":"ok"}' : '' };
  }
  if (path === '/info' && backend === 'tgi') {
    return jsonAnswer({
      model_id: models[0] ?? '',
      max_total_tokens: contextTokens,
      max_input_tokens: contextTokens - 1,
    });
  }
  if (path === '/v1/models' && backend !== 'tgi') {
    if (loading) return loadingAnswer(backend);
    const extra =
      backend === 'vllm'
        ? { max_model_len: contextTokens }
        : backend === 'llamacpp'
          ? { meta: { n_ctx: contextTokens } }
          : {};
    return jsonAnswer({ object: 'list', data: models.map((id) => ({ id, object: 'model', ...extra })) });
  }
  return undefined;
}

/** What each says while its weights are read. */
export function loadingAnswer(backend: Backend): FakeAnswer {
  switch (backend) {
    case 'llamacpp':
      return json(503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } });
    case 'tgi':
      return json(503, { error: 'unhealthy', error_type: 'healthcheck' });
    default:
      return { kind: 'text', status: 503, body: '' };
  }
}

/** What each says when a prompt does not fit its context. */
export function overflowAnswer(backend: Backend): FakeAnswer {
  switch (backend) {
    case 'llamacpp':
      return json(400, {
        error: {
          code: 400,
          message: 'request (3641 tokens) exceeds the available context size (512 tokens), try increasing it',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 3641,
          n_ctx: 512,
        },
      });
    case 'tgi':
      return json(422, {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`',
        error_type: 'validation',
      });
    default:
      return json(400, {
        error: {
          message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
          type: 'BadRequestError',
          param: 'input_tokens',
          code: 400,
        },
      });
  }
}

/** What each says when it has too much to do. */
export function overloadedAnswer(backend: Backend): FakeAnswer {
  return backend === 'tgi'
    ? json(429, { error: 'Model is overloaded', error_type: 'overloaded' })
    : json(429, { error: { message: 'Too many requests', type: 'RateLimitError', code: 429 } });
}

/** An error in the middle of a stream, in each one's words. */
export function errorEvent(backend: Backend): string {
  return backend === 'tgi'
    ? JSON.stringify({ error: 'Request failed during generation: Server error', error_type: 'generation' })
    : JSON.stringify({ error: { message: 'EngineCore died', type: 'InternalServerError', code: 500 } });
}

/** A piece of a streamed answer; `about`: further members of its choice. */
export function piece(content: string, finish: string | null = null, about: JsonObject = {}): string {
  return JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'small',
    choices: [{ index: 0, delta: { content }, ...about, finish_reason: finish }],
  });
}

function smallAnswer(backend: Backend, asked: JsonObject, sureOf: FakePoolBehaviour['sureOf']): FakeAnswer {
  const words = `Small answer to: ${lastText(asked)}`.split(/(?<= )/);
  const tells = asked['logprobs'] === true && sureOf !== undefined;
  const toldOf = (from: number, to: number): JsonObject => {
    if (tells)
      return { logprobs: { content: words.slice(from, to).map((word, at) => token(word, sureOf(from + at))) } };
    return backend === 'llamacpp' ? {} : { logprobs: null };
  };
  const usage = { prompt_tokens: 9, completion_tokens: words.length, total_tokens: 9 + words.length };
  if (asked['stream'] !== true) {
    const message = { role: 'assistant', content: words.join('') };
    const choice = { index: 0, message, ...toldOf(0, words.length), finish_reason: 'stop' };
    return jsonAnswer(chatBody('', { model: asked['model'] ?? null, choices: [choice], usage }));
  }
  const options = asked['stream_options'];
  const wantsUsage = isJsonObject(options) && options['include_usage'] === true;
  const steps = words.map((word, at) => piece(word, null, toldOf(at, at + 1)));
  const last = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'small', choices: [], usage };
  const end = [piece('', 'stop', toldOf(0, 0)), ...(wantsUsage ? [JSON.stringify(last)] : []), '[DONE]'];
  return { kind: 'stream', steps: [...steps, ...end] };
}

function token(text: string, probability: number): JsonObject {
  return { token: text, logprob: Math.log(probability), bytes: [...Buffer.from(text)], top_logprobs: [] };
}

function labelAnswer(probability: number): FakeAnswer {
  const top = [
    { token: 'A', logprob: Math.log(probability) },
    { token: 'B', logprob: Math.log(1 - probability) },
  ];
  const content = [{ token: 'A', logprob: Math.log(probability), top_logprobs: top }];
  const choice = {
    index: 0,
    message: { role: 'assistant', content: 'A' },
    logprobs: { content },
    finish_reason: 'length',
  };
  return jsonAnswer(chatBody('A', { choices: [choice] }));
}

function unknownModel(name: string): FakeAnswer {
  const message = `The model ${name} does not exist.`;
  return json(404, { error: { message, type: 'NotFoundError', param: 'model', code: 404 } });
}

function json(status: number, body: JsonObject): FakeAnswer {
  return { kind: 'json', status, body };
}

function bodyOf(request: RecordedRequest): JsonObject {
  const body = request.json();
  return isJsonObject(body) ? body : {};
}

function lastText(asked: JsonObject): string {
  const messages = asked['messages'];
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  return typeof last === 'object' && last !== null && 'content' in last ? String(last.content) : '';
}
