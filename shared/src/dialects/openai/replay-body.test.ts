import { describe, expect, test } from 'vitest';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { chatBody, completionBody } from '../../testing/answers.ts';
import { aggregateStream } from './aggregate-stream.ts';
import { isReplayable, replayBody } from './replay-body.ts';
import { isUsageOnlyChunk } from './usage-chunk.ts';

const withUsage = { includeUsage: true };

function chunks(events: readonly SseEvent[]): JsonObject[] {
  return events.flatMap(({ data }) => {
    const chunk: JsonValue = data === SSE_DONE ? null : parseJson(data);
    return isJsonObject(chunk) ? [chunk] : [];
  });
}

/** A chat answer with one choice, whose message is given in whole. */
function answering(message: JsonValue, choice: JsonObject = {}): JsonObject {
  return chatBody('', { choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop', ...choice }] });
}

const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };

describe('a stored answer as a stream', () => {
  test.each<[string, JsonObject]>([
    ['text', chatBody('Hello.')],
    ['empty content', answering({ role: 'assistant', content: '' })],
    ['content null', answering({ role: 'assistant', content: null })],
    ['no content', answering({ role: 'assistant' })],
    ['no role', answering({ content: 'a' })],
    ['an empty message', answering({})],
    [
      'content in parts',
      answering({
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      }),
    ],
    ['no parts', answering({ role: 'assistant', content: [] })],
    ['a refusal', answering({ role: 'assistant', content: null, refusal: 'I cannot.' })],
    ['reasoning', answering({ role: 'assistant', content: 'a', reasoning_content: 'b', reasoning: 'c' })],
    [
      'annotations',
      answering({
        role: 'assistant',
        content: 'a',
        annotations: [{ type: 'url_citation', url_citation: { url: 'u' } }],
      }),
    ],
    [
      'audio',
      answering({ role: 'assistant', content: null, audio: { id: 'a', data: 'AA', transcript: 't', expires_at: 1 } }),
    ],
    ['one tool call', answering({ role: 'assistant', content: null, tool_calls: [call] })],
    [
      'parallel tool calls',
      answering({ role: 'assistant', content: 'a', tool_calls: [call, { ...call, id: 'call_2' }] }),
    ],
    ['tool calls of one id', answering({ role: 'assistant', content: null, tool_calls: [call, call] })],
    [
      'a custom tool',
      answering({
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'n', input: 'i' } }],
      }),
    ],
    ['no tool calls, as a list', answering({ role: 'assistant', content: 'a', tool_calls: [] })],
    ['no tool calls, as null', answering({ role: 'assistant', content: 'a', tool_calls: null })],
    [
      'tool calls with an index of their own',
      answering({ role: 'assistant', content: '', tool_calls: [{ ...call, index: 0 }] }),
    ],
    ['tool calls that are none', answering({ role: 'assistant', content: '', tool_calls: [null, 'x', [1]] })],
    ['a function call', answering({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } })],
    [
      'unknown members of the message',
      answering({ role: 'assistant', content: 'a', x: 'b', y: [{ index: 0 }, { index: 0 }], z: { id: 1 } }),
    ],
    [
      'unknown members of the choice',
      answering({ role: 'assistant', content: 'a' }, { native_finish_reason: 'x', text: 'y', z: [1] }),
    ],
    [
      'log probabilities',
      answering(
        { role: 'assistant', content: 'a' },
        { logprobs: { content: [{ token: 'a', logprob: -1 }], refusal: null } },
      ),
    ],
    [
      'log probabilities of a refusal',
      answering(
        { role: 'assistant', content: null, refusal: 'a' },
        { logprobs: { content: null, refusal: [{ token: 'a' }] } },
      ),
    ],
    [
      'no member for log probabilities',
      chatBody('', { choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }] }),
    ],
    [
      'two choices',
      chatBody('', {
        choices: [0, 1].map((index) => ({
          index,
          message: { role: 'assistant', content: `${index}` },
          finish_reason: 'stop',
        })),
      }),
    ],
    [
      'unknown members at the top',
      chatBody('a', { x_groq: { id: 'r', usage: {} }, citations: ['u'], service_tier: null, x: '' }),
    ],
    [
      'usage with details',
      chatBody('a', { usage: { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 0 } } }),
    ],
    ['usage null', chatBody('a', { usage: null })],
    ['an unusual object', chatBody('a', { object: 'chat.answer' })],
  ])('%s: the chunks add up to the body', (_what, body) => {
    expect(isReplayable('openai.chat', body)).toBe(true);
    expect(aggregateStream('openai.chat', replayBody('openai.chat', body, withUsage))).toEqual(body);
    const { usage: _usage, ...rest } = body;
    expect(aggregateStream('openai.chat', replayBody('openai.chat', body, { includeUsage: false }))).toEqual(rest);
    expect(aggregateStream('openai.chat', replayBody('openai.chat', rest, withUsage))).toEqual(rest);
  });

  test.each<[string, JsonObject]>([
    ['text', completionBody('Hello.')],
    ['empty text', completionBody('', { choices: [{ text: '', index: 0, logprobs: null, finish_reason: 'stop' }] })],
    [
      'several choices',
      completionBody('', { choices: [0, 1, 2].map((index) => ({ text: `${index}`, index, finish_reason: 'stop' })) }),
    ],
    [
      'log probabilities',
      completionBody('', {
        choices: [
          {
            text: 'a',
            index: 0,
            logprobs: { tokens: ['a'], text_offset: [0] },
            finish_reason: 'stop',
            stop_reason: 'x',
          },
        ],
      }),
    ],
    ['what vendors add', completionBody('a', { kv_transfer_params: null, x: [1] })],
  ])('completions, %s: the chunks add up to the body', (_what, body) => {
    expect(isReplayable('openai.completions', body)).toBe(true);
    expect(aggregateStream('openai.completions', replayBody('openai.completions', body, withUsage))).toEqual(body);
  });

  test('goes in the order clients expect: role, reasoning, text, tool calls, end, usage, end marker', () => {
    const body = answering({
      role: 'assistant',
      content: 'a',
      reasoning: 'r',
      tool_calls: [call, { ...call, id: 'call_2' }],
    });
    const events = replayBody('openai.chat', body, withUsage);
    expect(events.at(-1)).toEqual({ data: SSE_DONE });
    expect(chunks(events).map((chunk) => chunk['choices'])).toEqual([
      [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      [{ index: 0, delta: { reasoning: 'r' }, finish_reason: null }],
      [{ index: 0, delta: { content: 'a' }, logprobs: null, finish_reason: null }],
      [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: null }],
      [{ index: 0, delta: { tool_calls: [{ index: 1, ...call, id: 'call_2' }] }, finish_reason: null }],
      [{ index: 0, delta: {}, finish_reason: 'stop' }],
      [],
    ]);
  });

  test('each chunk says whose it is, and is a chunk', () => {
    for (const chunk of chunks(replayBody('openai.chat', chatBody('a'), withUsage))) {
      expect(chunk).toMatchObject({
        id: 'chatcmpl-fake',
        object: 'chat.completion.chunk',
        system_fingerprint: 'fp_fake',
      });
    }
  });

  test('usage has a chunk of its own, and only where it was asked for', () => {
    const asked = replayBody('openai.chat', chatBody('a'), withUsage);
    expect(asked.filter(({ data }) => isUsageOnlyChunk(data))).toHaveLength(1);
    expect(isUsageOnlyChunk(asked.at(-2)?.data ?? '')).toBe(true);
    const unasked = replayBody('openai.chat', chatBody('a'), { includeUsage: false });
    expect(unasked.some(({ data }) => data.includes('usage'))).toBe(false);
    expect(unasked).toHaveLength(asked.length - 1);
  });

  test.each<[string, JsonObject]>([
    ['no choices', { object: 'chat.completion' }],
    ['a choice that is none', chatBody('', { choices: [null] })],
    ['a choice without a number', chatBody('', { choices: [{ message: {}, finish_reason: 'stop' }] })],
    [
      'choices out of order',
      chatBody('', { choices: [1, 0].map((index) => ({ index, message: {}, finish_reason: 'stop' })) }),
    ],
    [
      'two choices of one number',
      chatBody('', { choices: [0, 0].map((index) => ({ index, message: {}, finish_reason: 'stop' })) }),
    ],
    ['a choice without a message', chatBody('', { choices: [{ index: 0, finish_reason: 'stop' }] })],
    ['a choice with a delta', answering({}, { delta: {} })],
    ['a chunk', chatBody('a', { object: 'chat.completion.chunk' })],
    ['padding', chatBody('a', { obfuscation: 'x' })],
  ])('%s: no stream can say it, so it must not be stored', (_what, body) => {
    expect(isReplayable('openai.chat', body)).toBe(false);
  });

  test('completions with a message are no completions', () => {
    const choice = { index: 0, text: 'a', finish_reason: 'stop' };
    expect(isReplayable('openai.completions', { choices: [choice] })).toBe(true);
    expect(isReplayable('openai.completions', { choices: [{ ...choice, message: {} }] })).toBe(false);
    expect(isReplayable('openai.completions', { choices: [{ ...choice, delta: {} }] })).toBe(false);
  });

  test.each(['openai.embeddings', 'native.chat'] as const)(
    '%s does not stream, so it is always as replayable as it needs to be',
    (operation) => {
      expect(isReplayable(operation, {})).toBe(true);
      expect(() => replayBody(operation, {}, withUsage)).toThrow(RangeError);
    },
  );
});
