import { replayAnswer } from '../dialects/gemini/replay-answer.ts';
import type { JsonObject } from '../json/json-value.ts';
import type { FakeStream } from './anthropic-answers.ts';
import { namedSteps } from './anthropic-answers.ts';
import type { FakeAnswer } from './fake-answer.ts';

/** A complete answer of Gemini's. `overrides` take the place of top-level members. */
export function geminiBody(text: string, overrides: JsonObject = {}): JsonObject {
  return {
    candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 12, totalTokenCount: 21 },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'fake',
    ...overrides,
  };
}

/** The stream that a plain answer would have been. */
export function geminiStream(...chunks: readonly JsonObject[]): FakeStream {
  return { kind: 'stream', steps: namedSteps(chunks.flatMap(replayAnswer)) };
}

/** An error answer in Google's shape. */
export function geminiError(
  code: number,
  status: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): FakeAnswer {
  return { kind: 'json', status: code, headers, body: { error: { code, message, status } } };
}
