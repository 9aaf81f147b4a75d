import { isJsonObject, parseJson, parseSseFrame, type JsonObject, type SseFrame } from '@isartor/shared';

/** What an error without a message is said to be. */
const NO_MESSAGE = 'The provider answered 200 with an error inside, without saying which.';
/** Longer messages are cut, in characters. */
const LONGEST_MESSAGE = 1_000;
/** Without this text there is no such member: the usual answer is not parsed. */
const MEMBER = '"error"';

/**
 * The provider's own message where the body of a 200 is an error: a JSON object with `error` at its top level, or, of
 * OpenAI's responses, one of the type `error`.
 */
export function errorInBody(bytes: Uint8Array): string | undefined {
  return mentionsError(bytes) ? messageIn(parsedObject(new TextDecoder().decode(bytes))) : undefined;
}

/** The same for the events of a stream: the message of the first that is an error. */
export function errorInEvents(frames: readonly SseFrame[]): string | undefined {
  for (const frame of frames) {
    if (!frame.whole || !mentionsError(frame.bytes)) continue;
    const message = messageIn(parsedObject(parseSseFrame(frame.bytes)?.data ?? ''));
    if (message !== undefined) return message;
  }
  return undefined;
}

function mentionsError({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, byteLength).includes(MEMBER);
}

function messageIn(body: JsonObject | undefined): string | undefined {
  const error = body?.['error'] ?? (body?.['type'] === 'error' ? body : null);
  if (error === null) return undefined;
  const message = isJsonObject(error) ? error['message'] : error;
  return typeof message === 'string' && message !== '' ? message.slice(0, LONGEST_MESSAGE) : NO_MESSAGE;
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON is no error in this sense: it is passed on as it is.
    return undefined;
  }
}
