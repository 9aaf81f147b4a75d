import {
  HEADER,
  isJsonArray,
  isJsonObject,
  parseJson,
  parseSseFrame,
  SseFramer,
  type JsonValue,
} from '@isartor/shared';

/** What a client saw. */
export interface Seen {
  readonly status: number;
  readonly layer: string | null;
  /** The first word of `x-isartor-cache`. */
  readonly cache: string | undefined;
  readonly entry: string | null;
  readonly streamed: boolean;
  readonly text: string;
  /** Of the provider's answer, from its text. */
  readonly number: number | undefined;
  readonly finish: string | undefined;
  /** The stream ended with `[DONE]`. */
  readonly done: boolean;
  /** An error event stood in the stream. */
  readonly failed: boolean;
}

/** Reads a response to its end. */
export async function seenOf(response: Response): Promise<Seen> {
  const body = await response.text();
  const streamed = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const events = streamed ? dataOf(body) : [body];
  const values = events.filter((data) => data !== '[DONE]').map(parsed);
  const choices = values.map(choiceOf).filter((choice) => choice !== undefined);
  const text = choices.map(({ content }) => content).join('');
  const said = text === '' ? body : text;
  return {
    status: response.status,
    layer: response.headers.get(HEADER.layer),
    cache: response.headers.get(HEADER.cache)?.split(';')[0],
    entry: response.headers.get(HEADER.entry),
    streamed,
    text: said.slice(0, 500),
    number: numberIn(said),
    finish: choices.map(({ finish }) => finish).findLast((finish) => finish !== undefined),
    done: events.at(-1) === '[DONE]',
    failed: streamed && values.some((value) => isJsonObject(value) && value['error'] !== undefined),
  };
}

function dataOf(body: string): readonly string[] {
  return new SseFramer()
    .push(new TextEncoder().encode(body))
    .map((frame) => parseSseFrame(frame.bytes)?.data)
    .filter((data) => data !== undefined);
}

function numberIn(text: string): number | undefined {
  const digits = /#(\d+) for /.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function choiceOf(value: JsonValue): { content: string; finish: string | undefined } | undefined {
  const choices = isJsonObject(value) ? value['choices'] : undefined;
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  if (!isJsonObject(choice)) return undefined;
  const holder = choice['message'] ?? choice['delta'];
  const content = isJsonObject(holder) ? holder['content'] : undefined;
  const finish = choice['finish_reason'];
  return {
    content: typeof content === 'string' ? content : '',
    finish: typeof finish === 'string' ? finish : undefined,
  };
}
