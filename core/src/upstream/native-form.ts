import {
  GatewayError,
  isJsonObject,
  nativeAnswer,
  parseJson,
  unstorableRule,
  usageOf,
  type JsonObject,
} from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';

/**
 * A chat answer in the native surface's form: `{"layer","message","model"}`, or `{"error","message"}` where the
 * provider refused. Whether it may be stored is decided here, on the chat answer, which alone says how it ended.
 */
export function inNativeForm(answer: Answer, layer: 2 | 3): Answer {
  const chat = answer.body.kind === 'bytes' ? parsedObject(answer.body.bytes) : undefined;
  if (answer.status !== 200) return withBody(answer, { error: 'upstream_error', message: messageOf(chat) });

  const native = chat === undefined ? undefined : nativeAnswer(chat, layer);
  if (chat === undefined || native === undefined) {
    throw new GatewayError('upstream_error', 'The provider answered something that is not a chat completion.');
  }
  const byteLength = answer.body.kind === 'bytes' ? answer.body.bytes.byteLength : 0;
  const judged = { status: 200, contentType: 'application/json', body: chat, byteLength };
  return {
    ...withBody(answer, native),
    unstorable: unstorableRule('native.chat', {}, judged) ?? null,
    usage: usageOf('openai.chat', chat),
  };
}

function withBody(answer: Answer, body: JsonObject): Answer {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return {
    ...answer,
    headers: { ...answer.headers, 'content-type': 'application/json' },
    body: { kind: 'bytes', bytes },
  };
}

function messageOf(body: JsonObject | undefined): string {
  const error = body?.['error'];
  const message = isJsonObject(error) ? error['message'] : undefined;
  return typeof message === 'string' ? message : 'The provider refused the request without saying why.';
}

function parsedObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value = parseJson(new TextDecoder().decode(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller decides what that means.
    return undefined;
  }
}
