import { replayResponse } from '../dialects/responses/replay-response.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { namedSteps, type FakeStream } from './anthropic-answers.ts';

/** A complete response of OpenAI's with one message. `overrides` take the place of top-level members. */
export function responseBody(text: string, overrides: JsonObject = {}): JsonObject {
  return {
    id: 'resp_fake',
    object: 'response',
    created_at: 1_750_000_000,
    completed_at: 1_750_000_001,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    model: 'gpt-4o-mini-2024-07-18',
    output: [messageItem(text)],
    parallel_tool_calls: true,
    previous_response_id: null,
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 12,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 21,
    },
    metadata: {},
    ...overrides,
  };
}

/** The item of a response that says a text. */
export function messageItem(text: string, annotations: readonly JsonValue[] = []): JsonObject {
  return {
    id: 'msg_fake',
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations, logprobs: [] }],
  };
}

/** The stream that a plain response would have been, one event a step, each under its name. */
export function responseStream(body: JsonObject): FakeStream {
  return { kind: 'stream', steps: namedSteps(replayResponse(body)) };
}
