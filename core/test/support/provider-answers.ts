import { isJsonObject, type JsonObject, type ProviderDialect } from '@isartor/shared';
import {
  chatBody,
  chatStream,
  errorAnswer,
  geminiBody,
  geminiError,
  geminiStream,
  jsonAnswer,
  messageBody,
  messageError,
  messageStream,
  responseBody,
  responseStream,
  type FakeAnswer,
  type RecordedRequest,
} from '@isartor/shared/testing';

/** How a provider of one API says what a test wants it to say. */
export interface ProviderAnswers {
  readonly name: string;
  readonly dialect: ProviderDialect;
  /** The model that routes of the tests lead to. */
  readonly model: string;
  text(request: RecordedRequest, text: string): FakeAnswer;
  /** A call of the tool `weather`. */
  call(request: RecordedRequest, input: JsonObject): FakeAnswer;
  error(status: number, message: string, headers?: Readonly<Record<string, string>>): FakeAnswer;
}

const OPENAI: ProviderAnswers = {
  name: 'compatible',
  dialect: 'openai',
  model: 'llama-3.3-70b',
  text: (request, text) => answered(request, chatBody(text), (body) => chatStream(body, { includeUsage: true })),
  call: (request, input) => {
    const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: JSON.stringify(input) } };
    const message = { role: 'assistant', content: null, tool_calls: [call] };
    const body = chatBody('', { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    return answered(request, body, (whole) => chatStream(whole, { includeUsage: true }));
  },
  error: errorAnswer,
};

/** The models that take OpenAI's newer parameters: another part of the library writes to them. */
const OPENAI_OWN: ProviderAnswers = { ...OPENAI, name: 'openai', model: 'gpt-5-mini' };

/** Those that have no chat, and are asked by their responses. */
const OPENAI_RESPONSES: ProviderAnswers = {
  name: 'responses',
  dialect: 'openai',
  model: 'gpt-5.3-codex',
  text: (request, text) => answered(request, responseBody(text), responseStream),
  call: (request, input) => {
    const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', status: 'completed' };
    const output = [{ ...call, arguments: JSON.stringify(input) }];
    return answered(request, responseBody('', { output }), responseStream);
  },
  error: errorAnswer,
};

const ANTHROPIC: ProviderAnswers = {
  name: 'anthropic',
  dialect: 'anthropic',
  model: 'claude-haiku-4-5',
  text: (request, text) => answered(request, messageBody(text), messageStream),
  call: (request, input) => {
    const content = [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input }];
    return answered(request, messageBody('', { content, stop_reason: 'tool_use' }), messageStream);
  },
  error: (status, message, headers) => messageError(status, 'some_error', message, headers),
};

const GEMINI: ProviderAnswers = {
  name: 'gemini',
  dialect: 'gemini',
  model: 'gemini-2.5-flash',
  text: (request, text) => answered(request, geminiBody(text), geminiStream),
  call: (request, input) => {
    const parts = [{ functionCall: { name: 'weather', args: input }, thoughtSignature: 'c2lnbmVk' }];
    const candidates = [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0 }];
    return answered(request, geminiBody('', { candidates }), geminiStream);
  },
  error: (status, message, headers) => geminiError(status, 'SOME_STATUS', message, headers),
};

/** Every API that providers speak. */
export const PROVIDER_ANSWERS: readonly ProviderAnswers[] = [OPENAI, OPENAI_OWN, OPENAI_RESPONSES, ANTHROPIC, GEMINI];

function answered(request: RecordedRequest, body: JsonObject, stream: (body: JsonObject) => FakeAnswer): FakeAnswer {
  return isStreamed(request) ? stream(body) : jsonAnswer(body);
}

function isStreamed(request: RecordedRequest): boolean {
  const asked = request.json();
  return request.path.endsWith(':streamGenerateContent') || (isJsonObject(asked) && asked['stream'] === true);
}
