import {
  isJsonArray,
  isJsonObject,
  parseJson,
  parseSseFrame,
  type JsonObject,
  type JsonValue,
  type SseFrame,
} from '@isartor/shared';

/** What a choice of an answer, plain or in a piece of a stream, adds to what was said. */
export interface Saying {
  readonly text: string;
  readonly finish: string | undefined;
  /** Of the tokens said, as far as the server tells. */
  readonly logprobs: readonly number[];
}

/** A plain answer's text and end; undefined where it is no chat answer with one choice. */
export function sayingOf(body: Uint8Array): Saying | undefined {
  const choices = parsedObject(new TextDecoder().decode(body))?.['choices'];
  if (!isJsonArray(choices) || choices.length !== 1) return undefined;
  const [choice] = choices;
  const message = isJsonObject(choice) ? choice['message'] : undefined;
  if (!isJsonObject(choice) || !isJsonObject(message)) return undefined;
  return saying(message, choice);
}

/** What a batch of events adds. */
export function sayingIn(frames: readonly SseFrame[]): Saying {
  let text = '';
  let finish: string | undefined;
  const logprobs: number[] = [];
  for (const frame of frames) {
    const data = frame.whole ? parseSseFrame(frame.bytes)?.data : undefined;
    const choices = data === undefined ? undefined : parsedObject(data)?.['choices'];
    const choice = isJsonArray(choices) ? choices[0] : undefined;
    if (!isJsonObject(choice)) continue;
    const delta = choice['delta'];
    const piece = saying(isJsonObject(delta) ? delta : {}, choice);
    text += piece.text;
    finish = piece.finish ?? finish;
    logprobs.push(...piece.logprobs);
  }
  return { text, finish, logprobs };
}

function saying(message: JsonObject, choice: JsonObject): Saying {
  const { content } = message;
  const finish = choice['finish_reason'];
  return {
    text: typeof content === 'string' ? content : '',
    finish: typeof finish === 'string' && finish !== '' ? finish : undefined,
    logprobs: logprobsOf(choice['logprobs']),
  };
}

function logprobsOf(told: JsonValue | undefined): readonly number[] {
  const tokens = isJsonObject(told) ? told['content'] : undefined;
  return (isJsonArray(tokens) ? tokens : []).flatMap((token) => {
    const logprob = isJsonObject(token) ? token['logprob'] : undefined;
    return typeof logprob === 'number' ? [logprob] : [];
  });
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // `[DONE]`, or nothing that a chat answer would hold.
    return undefined;
  }
}
