import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseJson, type JsonValue } from '../json/json-value.ts';
import type { SseEvent } from '../sse/sse-event.ts';

/** Real traffic of providers; third-party data, so it lies beside the repository and not in it. */
const FOLDER = fileURLToPath(new URL('../../../../shared/transcripts/', import.meta.url).href);
const present = existsSync(FOLDER);

/** Names of plain answers in these places; none where there is no recorded traffic. */
function plainAnswers(pattern: string): readonly string[] {
  return present ? globSync(pattern, { cwd: FOLDER }).toSorted() : [];
}

function chats(ending: string): string {
  return `{openai/chat,deepseek/chat,groq,mistral,moonshotai,xai,openai-compatible/chat}/*.${ending}`;
}

/** Of Anthropic's messages. */
export const plainMessages = plainAnswers('anthropic/*.json');
/** Of OpenAI's responses, and of those who have them too. */
export const plainResponses = plainAnswers('{openai/responses,open-responses/responses,azure,xai/responses}/*.json');

/** Of Gemini's. */
export const plainGemini = plainAnswers('google/*.json');

/** Of chats, from several providers. */
export const plainChats = plainAnswers(chats('json'));

/** Requests that other gateways are tested with, by the dialect's operation. */
export const chatRequests = plainAnswers('dialects/requests/completions/*.json');
export const responseRequests = plainAnswers('dialects/requests/responses/*.json');

/** One stream of a recording: some recordings hold the streams of several turns, one after the other. */
export interface RecordedStream {
  readonly name: string;
  readonly events: readonly SseEvent[];
}

/** Every recorded stream of messages, one a `message_stop`. */
export const messageStreams: readonly RecordedStream[] = recorded('anthropic/*.chunks.txt', 'message_stop');
/** Every recorded stream of a response. One was written with its JSON cut short: it is no traffic. */
export const responseStreams: readonly RecordedStream[] = recorded(
  '{openai/responses,open-responses/responses,azure,xai/responses}/*.chunks.txt',
  'response.completed',
).filter(({ events }) => events[0]?.event === 'response.created');

/** Every recorded stream of Gemini's: a file each, without an end of its own. */
export const geminiStreams: readonly RecordedStream[] = recorded('google/*.chunks.txt', 'none').map((stream) => ({
  ...stream,
  events: stream.events.map(({ data }) => ({ data })),
}));

/** Every recorded stream of a chat, without the `[DONE]` that ended it. */
export const chatStreams: readonly RecordedStream[] = recorded(chats('chunks.txt'), 'none').map((stream) => ({
  ...stream,
  events: stream.events.map(({ data }) => ({ data })),
}));

/** A recorded file. */
export function readRecorded(file: string): string {
  return readFileSync(`${FOLDER}${file}`, 'utf8');
}

function recorded(pattern: string, end: string): RecordedStream[] {
  return present
    ? globSync(pattern, { cwd: FOLDER })
        .toSorted()
        .flatMap((file) => streamsOf(file, end))
    : [];
}

function streamsOf(file: string, end: string): RecordedStream[] {
  const streams: SseEvent[][] = [[]];
  for (const data of readRecorded(file).split('\n')) {
    if (data === '') continue;
    const said = parsed(data);
    const event = isJsonObject(said) && typeof said['type'] === 'string' ? said['type'] : '';
    streams.at(-1)?.push({ event, data });
    if (event === end) streams.push([]);
  }
  const whole = streams.filter((events) => events.length > 0);
  return whole.map((events, turn) => ({ name: whole.length === 1 ? file : `${file}, turn ${turn + 1}`, events }));
}

function parsed(data: string): JsonValue {
  try {
    return parseJson(data);
  } catch {
    return null;
  }
}
