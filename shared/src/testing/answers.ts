import { isJsonArray, isJsonObject, type JsonObject } from '../json/json-value.ts';
import { replayBody } from '../dialects/openai/replay-body.ts';
import { messageBody, messageStream } from './anthropic-answers.ts';
import { geminiBody, geminiStream } from './gemini-answers.ts';
import { responseBody, responseStream } from './response-answers.ts';
import type { FakeAnswer, RecordedRequest } from './fake-answer.ts';

const CREATED = 1_750_000_000;

/** A complete chat answer. `overrides` take the place of top-level members. */
export function chatBody(content: string, overrides: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: CREATED,
    model: 'gpt-4o-mini-2024-07-18',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
    ...overrides,
  };
}

/** A complete answer of the older completions API. */
export function completionBody(text: string, overrides: JsonObject = {}): JsonObject {
  return {
    id: 'cmpl-fake',
    object: 'text_completion',
    created: CREATED,
    model: 'gpt-3.5-turbo-instruct',
    choices: [{ text, index: 0, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    ...overrides,
  };
}

/** A complete embeddings answer with one short vector an input. */
export function embeddingBody(inputs = 1, overrides: JsonObject = {}): JsonObject {
  return {
    object: 'list',
    data: Array.from({ length: inputs }, (_, index) => ({
      object: 'embedding',
      index,
      embedding: [0.25, -0.5, index],
    })),
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8, total_tokens: 8 },
    ...overrides,
  };
}

/** A list of models. */
export function modelsBody(...ids: readonly string[]): JsonObject {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'fake' })) };
}

/** A plain JSON answer with status 200. */
export function jsonAnswer(body: JsonObject): FakeAnswer {
  return { kind: 'json', body };
}

/** The stream that a plain chat answer would have been, one event a step, ended by `[DONE]`. */
export function chatStream(body: JsonObject, options: { includeUsage?: boolean } = {}): FakeAnswer {
  const events = replayBody('openai.chat', body, { includeUsage: options.includeUsage ?? false });
  return { kind: 'stream', steps: events.map((event) => event.data) };
}

/** An error answer in OpenAI's shape. */
export function errorAnswer(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): FakeAnswer {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  return { kind: 'json', status, headers, body: { error: { message, type, param: null, code: null } } };
}

/**
 * What a well-behaved provider does, by path: chat and messages (plain, or as a stream where asked), completions, embeddings,
 * the count of tokens, models.
 * The answer repeats the last message, so that a test can tell whose answer it holds. Other paths are unexpected.
 */
export function wellBehaved(request: RecordedRequest): FakeAnswer | undefined {
  if (request.method === 'GET')
    return request.path.endsWith('/models') ? jsonAnswer(modelsBody('gpt-4o-mini')) : undefined;
  const asked = request.json();
  if (!isJsonObject(asked)) return undefined;
  const operation = request.path.split('/').slice(2).join('/');
  if (request.path.endsWith('GenerateContent'))
    return geminiStream(geminiBody(`Answer to: ${JSON.stringify(asked['contents'])}`));
  if (request.path.endsWith('generateContent'))
    return jsonAnswer(geminiBody(`Answer to: ${JSON.stringify(asked['contents'])}`));
  const model = typeof asked['model'] === 'string' ? { model: asked['model'] } : {};
  const options = asked['stream_options'];
  const includeUsage = isJsonObject(options) && options['include_usage'] === true;
  switch (operation) {
    case 'chat/completions': {
      const body = chatBody(`Answer to: ${lastText(asked)}`, model);
      return asked['stream'] === true ? chatStream(body, { includeUsage }) : jsonAnswer(body);
    }
    case 'completions': {
      const body = completionBody(`Answer to: ${JSON.stringify(asked['prompt'])}`, model);
      if (asked['stream'] !== true) return jsonAnswer(body);
      const events = replayBody('openai.completions', body, { includeUsage });
      return { kind: 'stream', steps: events.map((event) => event.data) };
    }
    case 'embeddings':
      return jsonAnswer(embeddingBody(isJsonArray(asked['input']) ? asked['input'].length : 1, model));
    case 'responses': {
      const body = responseBody(`Answer to: ${inputText(asked)}`, model);
      return asked['stream'] === true ? responseStream(body) : jsonAnswer(body);
    }
    case 'messages': {
      const body = messageBody(`Answer to: ${lastText(asked)}`, model);
      return asked['stream'] === true ? messageStream(body) : jsonAnswer(body);
    }
    case 'messages/count_tokens':
      return jsonAnswer({ input_tokens: lastText(asked).length });
    default:
      return undefined;
  }
}

function inputText({ input }: JsonObject): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? null);
}

function lastText(asked: JsonObject): string {
  const messages = asked['messages'];
  const last = isJsonArray(messages) ? messages.at(-1) : undefined;
  const content = isJsonObject(last) ? last['content'] : undefined;
  return typeof content === 'string' ? content : JSON.stringify(content ?? null);
}
