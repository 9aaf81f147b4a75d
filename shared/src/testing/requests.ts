import type { JsonObject } from '../json/json-value.ts';

/** A minimal valid chat request. `overrides` take the place of top-level members. */
export function chatRequest(text = 'How do I reset my password?', overrides: JsonObject = {}): JsonObject {
  return { model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }], ...overrides };
}

/** A minimal valid request of the older completions API. */
export function completionRequest(prompt = 'Once upon a time', overrides: JsonObject = {}): JsonObject {
  return { model: 'gpt-3.5-turbo-instruct', prompt, ...overrides };
}

/** A minimal valid embeddings request. */
export function embeddingRequest(input: string | readonly string[] = 'a text', overrides: JsonObject = {}): JsonObject {
  return { model: 'text-embedding-3-small', input, ...overrides };
}

/** A minimal valid request for a response. */
export function responseRequest(text = 'How do I reset my password?', overrides: JsonObject = {}): JsonObject {
  return { model: 'gpt-4o-mini', input: text, ...overrides };
}

/** A minimal valid request for a message of Anthropic's. */
export function messageRequest(text = 'How do I reset my password?', overrides: JsonObject = {}): JsonObject {
  return {
    model: 'claude-haiku-4-5',
    max_tokens: 1024,
    messages: [{ role: 'user', content: text }],
    ...overrides,
  };
}

/** A minimal valid request to Gemini. */
export function geminiRequest(text = 'How do I reset my password?', overrides: JsonObject = {}): JsonObject {
  return { contents: [{ role: 'user', parts: [{ text }] }], ...overrides };
}

/** A minimal valid native request. */
export function nativeRequest(prompt = 'How do I reset my password?', overrides: JsonObject = {}): JsonObject {
  return { prompt, ...overrides };
}
