import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Operation } from '../../operation.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { aggregateStream } from './aggregate-stream.ts';
import { isReplayable, replayBody } from './replay-body.ts';

/** Real answers and streams of eight providers; third-party data, so it lies beside the repository and not in it. */
const FOLDER = fileURLToPath(new URL('../../../../../shared/transcripts/', import.meta.url));
const PLACES =
  '{openai/chat,openai/completion,groq,mistral,deepseek/chat,xai,openai-compatible/chat,perplexity,moonshotai}';

const present = existsSync(FOLDER);
const plain = present ? globSync(`${PLACES}/*.json`, { cwd: FOLDER }).toSorted() : [];
const streams = present ? globSync(`${PLACES}/*.chunks.txt`, { cwd: FOLDER }).toSorted() : [];
if (!present) process.stderr.write('skipped: no recorded traffic at ../shared/transcripts beside the repository\n');

function read(file: string): string {
  return readFileSync(`${FOLDER}${file}`, 'utf8');
}

function operationOf(file: string): Operation {
  return file.startsWith('openai/completion/') ? 'openai.completions' : 'openai.chat';
}

function eventsOf(file: string): SseEvent[] {
  const lines = read(file)
    .split('\n')
    .filter((line) => line !== '');
  return [...lines.map((data) => ({ data })), { data: SSE_DONE }];
}

function expectToReplay(operation: Operation, body: JsonObject): void {
  expect(isReplayable(operation, body)).toBe(true);
  expect(aggregateStream(operation, replayBody(operation, body, { includeUsage: true }))).toEqual(body);
}

function firstChoice(body: JsonValue): JsonObject | undefined {
  const choices = isJsonObject(body) ? body['choices'] : undefined;
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  return isJsonObject(choice) ? choice : undefined;
}

/** The texts of a recorded stream, put together by a reader that knows nothing of the code under test. */
function textsOf(file: string, member: string): string {
  return eventsOf(file)
    .slice(0, -1)
    .map(({ data }) => {
      const choice = firstChoice(parseJson(data));
      const delta = choice?.['delta'];
      const text = isJsonObject(delta) ? delta[member] : choice?.['text'];
      return typeof text === 'string' ? text : '';
    })
    .join('');
}

function saysUsage(data: string): boolean {
  const chunk = data === SSE_DONE ? null : parseJson(data);
  return isJsonObject(chunk) && isJsonObject(chunk['usage']);
}

describe.skipIf(!present)('recorded traffic', () => {
  test('is there', () => {
    expect(plain.length).toBeGreaterThan(15);
    expect(streams.length).toBeGreaterThan(15);
  });

  test.each(plain)('%s: the replay adds up to it', (file) => {
    const body: JsonValue = parseJson(read(file));
    if (!isJsonObject(body)) throw new TypeError('not an object');
    if (body['error'] !== undefined) return;
    expectToReplay(operationOf(file), body);
  });

  test.each(streams)('%s: adds up to a plain answer with its text and usage, which replays', (file) => {
    const operation = operationOf(file);
    const events = eventsOf(file);
    const body = aggregateStream(operation, events);
    if (body === undefined) throw new TypeError('the stream adds up to nothing');
    expectToReplay(operation, body);
    expect(body['object'] ?? 'chat.completion').toMatch(/^(chat\.completion|text_completion)$/);
    expect(isJsonObject(body['usage'])).toBe(events.some(({ data }) => saysUsage(data)));
    const choice = firstChoice(body);
    if (choice === undefined) throw new TypeError('no choice');
    const message = isJsonObject(choice['message']) ? choice['message'] : choice;
    for (const member of ['content', 'reasoning_content', 'reasoning']) {
      if (isJsonArray(message['content']) && member === 'content') continue;
      expect(message[member] ?? message['text'] ?? '').toBe(textsOf(file, member));
    }
  });

  test('Mistral: the stream of thoughts adds up to the very answer that came plain', () => {
    const sum = aggregateStream('openai.chat', eventsOf('mistral/mistral-reasoning.chunks.txt'));
    expect(sum).toEqual(parseJson(read('mistral/mistral-reasoning.json')));
  });

  test.each([
    ['groq/groq-tool-call', 'weather', '{}'],
    ['mistral/mistral-tool-call', 'weather', '{"location": "San Francisco"}'],
    ['mistral/mistral-incremental-tool-call', 'webSearchTool', '{"query": "current Berlin weather"}'],
    ['deepseek/chat/deepseek-tool-call', 'weather', '{"location": "San Francisco"}'],
    ['xai/xai-tool-call', 'weather', '{"location":"San Francisco"}'],
    ['openai-compatible/chat/xai-tool-call', 'weather', '{"location":"San Francisco"}'],
  ])('%s: the tool call is whole', (file, name, args) => {
    const body = aggregateStream('openai.chat', eventsOf(`${file}.chunks.txt`));
    const call = { function: { name, arguments: args } };
    expect(body).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', message: { role: 'assistant', tool_calls: [call] } }],
    });
  });
});
