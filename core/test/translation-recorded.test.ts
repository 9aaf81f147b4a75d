import {
  aggregateStream,
  encodeSseEvent,
  isJsonArray,
  isJsonObject,
  isReplayable,
  parseJson,
  type JsonObject,
  type JsonValue,
  type SseEvent,
} from '@isartor/shared';
import { chatRequests, readRecorded, responseRequests } from '@isartor/shared/testing';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { OPENAI_CHAT } from '../src/l3-cloud/translation/openai-chat/surface.ts';
import { RESPONSES } from '../src/l3-cloud/translation/responses/surface.ts';
import { LABEL } from './support/model-answers.ts';
import { BROKEN, callsOf, listIn, PROMPT, signaturesIn, textOf, tokensOf, written } from './support/model-readings.ts';
import {
  recordedAnswers,
  recordedStreams,
  replaying,
  requestFor,
  requestsFor,
  streamParts,
  type Recording,
} from './support/recorded-models.ts';

if (recordedAnswers.length === 0) {
  process.stderr.write('skipped: no recorded traffic at ../shared/transcripts beside the repository\n');
}

function officialClient(body: string, contentType: string): OpenAI {
  const fetch = async (): Promise<Response> => new Response(body, { headers: { 'content-type': contentType } });
  return new OpenAI({ apiKey: 'k', baseURL: 'http://isartor.test/v1', maxRetries: 0, fetch });
}

async function chatOf(events: readonly SseEvent[]): Promise<OpenAI.ChatCompletion> {
  const client = officialClient(events.map(encodeSseEvent).join(''), 'text/event-stream');
  return client.chat.completions.stream({ model: 'm', messages: [] }).finalChatCompletion();
}

async function responseOf(events: readonly SseEvent[]): Promise<OpenAI.Responses.Response> {
  const client = officialClient(events.map(encodeSseEvent).join(''), 'text/event-stream');
  return client.responses.stream({ model: 'm', input: '' }).finalResponse();
}

function chatCalls(completion: OpenAI.ChatCompletion): unknown[] {
  return (completion.choices[0]?.message.tool_calls ?? []).map((call) =>
    call.type === 'function'
      ? { id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }
      : call,
  );
}

function responseCalls(response: OpenAI.Responses.Response): unknown[] {
  return response.output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }]
      : [],
  );
}

/** The client's next turn: what it was told, the results of its calls, and a question. */
function nextChat(completion: JsonObject): JsonObject {
  const [choice] = listIn(completion, 'choices');
  const message = choice?.['message'] ?? null;
  const calls = isJsonObject(message) ? listIn(message, 'tool_calls') : [];
  const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id ?? null, content: '{}' }));
  return { messages: [{ role: 'user', content: 'Hi' }, message, ...results, { role: 'user', content: 'And?' }] };
}

function nextResponse(response: JsonObject): JsonObject {
  const said = listIn(response, 'output');
  const results = said
    .filter(({ type }) => type === 'function_call')
    .map(({ call_id }) => ({ type: 'function_call_output', call_id: call_id ?? null, output: '{}' }));
  return {
    input: [{ role: 'user', content: 'Hi' }, ...said, ...results, { role: 'user', content: 'And?' }],
  };
}

function asJson(value: unknown): JsonValue {
  return parseJson(JSON.stringify(value));
}

/** Without what the client itself adds. */
function asSent(value: unknown): JsonValue {
  const own = ['parsed', 'parsed_arguments', 'output_parsed', 'output_text'];
  return parseJson(JSON.stringify(value, (name, member: unknown) => (own.includes(name) ? undefined : member)));
}

describe.skipIf(recordedStreams.length === 0)('a recorded stream, by the maintained library', () => {
  it('is there', () => {
    expect(recordedStreams.length).toBeGreaterThan(40);
    expect(recordedAnswers.length).toBeGreaterThan(40);
  });

  it.each(recordedStreams)('$name: the official client reads it as chat, and as a response', async (recording) => {
    const parts = await streamParts(recording);
    expect(parts === undefined).toBe(BROKEN.includes(recording.name));
    if (parts === undefined) return;

    const chunks = written(OPENAI_CHAT, parts);
    const completion = await chatOf(chunks);
    expect(completion.choices[0]?.message.content ?? '').toBe(textOf(parts));
    expect(chatCalls(completion)).toEqual(callsOf(parts));
    expect(completion.usage?.total_tokens).toBe(tokensOf(parts));
    const chat = aggregateStream('openai.chat', chunks);
    if (chat === undefined) throw new TypeError('the chunks add up to nothing');
    expect(isReplayable('openai.chat', chat)).toBe(true);

    const events = written(RESPONSES, parts);
    const response = await responseOf(events);
    expect(response.output_text).toBe(textOf(parts));
    expect(responseCalls(response)).toEqual(callsOf(parts));
    expect(response.usage?.total_tokens).toBe(tokensOf(parts));
    const sum = aggregateStream('openai.responses', events);
    if (response.status === 'completed') expect(asSent(response)).toEqual(sum);
    else expect(response.incomplete_details?.reason).toBeDefined();
  });
});
describe.skipIf(recordedAnswers.length === 0)('a recorded answer, by the maintained library', () => {
  it.each(recordedAnswers)('$name: the official client reads it as chat, and as a response', async (recording) => {
    const answer = await replaying(recording).doGenerate({ prompt: PROMPT });
    const chat = OPENAI_CHAT.writeAnswer(answer, LABEL);
    const completion = await officialClient(JSON.stringify(chat), 'application/json').chat.completions.create({
      model: 'm',
      messages: [],
    });
    expect(completion.choices[0]?.message.content ?? '').toBe(textOf(answer.content));
    expect(chatCalls(completion)).toEqual(callsOf(answer.content));

    const plain = RESPONSES.writeAnswer(answer, LABEL);
    const response = await officialClient(JSON.stringify(plain), 'application/json').responses.create({
      model: 'm',
      input: '',
    });
    expect(response.output_text).toBe(textOf(answer.content));
    expect(responseCalls(response)).toEqual(callsOf(answer.content));
  });
});

/** What the provider gets to see again when the client answers, by each dialect. */
async function seenAgain(recording: Recording, chat: JsonObject, response: JsonObject): Promise<string[][]> {
  const prompts = [OPENAI_CHAT.readRequest(nextChat(chat)), RESPONSES.readRequest(nextResponse(response))];
  return Promise.all(prompts.map(async ({ prompt }) => signaturesIn(await requestFor(recording, prompt))));
}

const isSigned = ({ said }: Recording): boolean => signaturesIn(said).length > 0;
const signedAnswers = recordedAnswers.filter(isSigned);
const signedStreams = recordedStreams.filter((stream) => isSigned(stream) && !BROKEN.includes(stream.name));

describe.skipIf(signedAnswers.length === 0)('a signature comes back to its provider with the next turn', () => {
  it.each(signedAnswers)('of the answer $name', async (recording) => {
    const answer = await replaying(recording).doGenerate({ prompt: PROMPT });
    const chat = OPENAI_CHAT.writeAnswer(answer, LABEL);
    const signatures = signaturesIn(recording.said);
    expect(await seenAgain(recording, chat, RESPONSES.writeAnswer(answer, LABEL))).toEqual([signatures, signatures]);
  });

  it.each(signedStreams)('of the stream $name', async (recording) => {
    const parts = (await streamParts(recording)) ?? [];
    const chat = aggregateStream('openai.chat', written(OPENAI_CHAT, parts)) ?? {};
    const response = asJson(await responseOf(written(RESPONSES, parts)));
    const signatures = signaturesIn(recording.said);
    if (!isJsonObject(response)) throw new TypeError('no response');
    expect(await seenAgain(recording, chat, response)).toEqual([signatures, signatures]);
  });
});

/** Requests that ask what only OpenAI does, and the field that says so. One of them is not as its dialect has it. */
const REFUSED: Readonly<Record<string, string>> = {
  'dialects/requests/completions/full.json': 'n',
  'dialects/requests/completions/generation-config.json': 'n',
  'dialects/requests/completions/reasoning_replay.json': 'messages[1].reasoning_signature',
  'dialects/requests/responses/assistant-history.json': 'input[0].content[1].refusal',
};

/** Requests that the library itself cannot ask of some provider: it says so. */
const IMPOSSIBLE: Readonly<Record<string, readonly string[]>> = {
  'dialects/requests/responses/cache_control.json': ['google'],
  'dialects/requests/responses/input-media.json': ['anthropic', 'compatible'],
};

/** Every text in a request, as it would stand in another. */
function textsIn(value: JsonValue): string[] {
  if (isJsonArray(value)) return value.flatMap(textsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    ['text', 'content', 'input', 'instructions'].includes(name) && typeof member === 'string'
      ? [JSON.stringify(member).slice(1, -1)]
      : textsIn(member),
  );
}

const requests = [
  ...chatRequests.map((file) => ({ file, surface: OPENAI_CHAT })),
  ...responseRequests.map((file) => ({ file, surface: RESPONSES })),
];

describe.skipIf(requests.length === 0)('a request that other gateways are tested with', () => {
  it.each(requests)('$file: is asked whole of every provider, or refused', async ({ file, surface }) => {
    const body = parseJson(readRecorded(file));
    if (!isJsonObject(body)) throw new TypeError('no object');
    const param = REFUSED[file];
    if (param !== undefined) {
      expect(() => surface.readRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
      return;
    }
    const sent = await requestsFor(surface.readRequest(body));
    const unsent = Object.keys(sent).filter((provider) => sent[provider] === undefined);
    expect(unsent).toEqual(IMPOSSIBLE[file] ?? []);
    for (const request of Object.values(sent)) {
      if (request === undefined) continue;
      for (const text of textsIn(body)) expect(request).toContain(text);
    }
  });
});
