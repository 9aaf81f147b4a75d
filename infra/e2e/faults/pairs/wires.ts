import { replayBody, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  geminiBody,
  geminiStream,
  jsonAnswer,
  messageBody,
  messageStream,
  namedSteps,
  responseBody,
  responseStream,
  type FakeAnswer,
  type FakeStep,
} from '@isartor/shared/testing';
import type { Form } from '../outcome.ts';

/** What goes over the wire to and from a provider of one API. */
export interface Wire {
  readonly body: (text: string) => JsonObject;
  readonly steps: (body: JsonObject) => readonly FakeStep[];
  /** An error as this API tells it, in a body of its own. */
  readonly error: (status: number, message: string) => JsonObject;
  /** The same in a stream. */
  readonly errorSteps: readonly FakeStep[];
}

const MESSAGE = 'The server had an error.';
const openAiError = (status: number, message: string): JsonObject => ({
  error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code: null },
});
const messageErrorBody = (status: number, message: string): JsonObject => ({
  type: 'error',
  error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message },
});
const geminiErrorBody = (code: number, message: string): JsonObject => ({
  error: { code, message, status: code === 429 ? 'RESOURCE_EXHAUSTED' : 'INTERNAL' },
});

/** The APIs that providers speak, and the second of OpenAI's. */
export const WIRES = {
  chat: {
    body: chatBody,
    steps: (body) => replayBody('openai.chat', body, { includeUsage: true }).map(({ data }) => data),
    error: openAiError,
    errorSteps: [JSON.stringify(openAiError(500, MESSAGE))],
  },
  responses: {
    body: responseBody,
    steps: (body) => responseStream(body).steps,
    error: openAiError,
    errorSteps: namedSteps([
      { event: 'error', data: JSON.stringify({ type: 'error', code: 'server_error', message: MESSAGE, param: null }) },
    ]),
  },
  messages: {
    body: messageBody,
    steps: (body) => messageStream(body).steps,
    error: messageErrorBody,
    errorSteps: namedSteps([{ event: 'error', data: JSON.stringify(messageErrorBody(500, MESSAGE)) }]),
  },
  gemini: {
    body: geminiBody,
    steps: (body) => geminiStream(body).steps,
    error: geminiErrorBody,
    errorSteps: [JSON.stringify(geminiErrorBody(500, MESSAGE))],
  },
} satisfies Record<string, Wire>;

/** What a sound provider answers. */
export function soundAnswer(wire: Wire, form: Form): FakeAnswer {
  const body = wire.body('a sound answer');
  return form === 'plain' ? jsonAnswer(body) : { kind: 'stream', steps: wire.steps(body) };
}

/** A stream up to the step that holds its text, and that step by itself: what may come again and again. */
export function begunStream(
  wire: Wire,
  text: string,
): { readonly begun: readonly FakeStep[]; readonly token: FakeStep } {
  const steps = wire.steps(wire.body(text));
  const at = steps.findIndex((step) => JSON.stringify(step).includes(text));
  const last = steps[at];
  if (last === undefined) throw new Error('no step of the stream holds its text');
  const token = unended(last);
  return { begun: [...steps.slice(0, at), token], token };
}

/** Gemini says with the last text that it was the last. */
function unended(step: FakeStep): FakeStep {
  if (typeof step === 'string') return withoutEnd(step);
  return 'raw' in step ? { raw: withoutEnd(step.raw) } : step;
}

function withoutEnd(text: string): string {
  return text.replace(/,"finishReason":"STOP"/, '');
}
