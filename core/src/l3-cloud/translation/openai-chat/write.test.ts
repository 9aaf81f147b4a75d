import {
  aggregateStream,
  isJsonArray,
  isJsonObject,
  parseJson,
  SSE_DONE,
  type JsonObject,
  type JsonValue,
} from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { LABEL, modelAnswer, streamOf, USAGE } from '../../../../test/support/model-answers.ts';
import type { ModelAnswer, ModelPart } from '../surface.port.ts';
import { OPENAI_CHAT } from './surface.ts';

const FINISH: ModelPart = { type: 'finish', finishReason: { unified: 'stop', raw: 'end_turn' }, usage: USAGE };

/** The data of a stream's events, as JSON. */
function streamed(...parts: ModelPart[]): JsonValue[] {
  const writer = OPENAI_CHAT.writeStream(LABEL);
  return parts
    .flatMap((part) => writer.write(part))
    .map(({ event, data }) => {
      expect(event).toBeUndefined();
      return data === SSE_DONE ? data : parseJson(data);
    });
}

/** The deltas of a stream. */
function deltas(...parts: ModelPart[]): JsonValue[] {
  return streamed(...parts, FINISH).flatMap((chunk) => {
    const choices = isJsonObject(chunk) ? chunk['choices'] : undefined;
    const [choice] = isJsonArray(choices) ? choices : [];
    const delta = isJsonObject(choice) ? choice['delta'] : undefined;
    return delta === undefined ? [] : [delta];
  });
}

function messageOf(answer: ModelAnswer): JsonValue | undefined {
  const { choices } = OPENAI_CHAT.writeAnswer(answer, LABEL);
  const [choice] = isJsonArray(choices) ? choices : [];
  return isJsonObject(choice) ? choice['message'] : undefined;
}

const URL_SOURCE = { type: 'source', sourceType: 'url', id: 's', url: 'https://x.test/', title: 'X' } as const;
const CITATION = { type: 'url_citation', url_citation: { url: 'https://x.test/', title: 'X' } };

describe('a plain chat completion', () => {
  it('has the shape of the dialect, under the name that the model gave itself', () => {
    const answer = modelAnswer([{ type: 'text', text: 'Hi!' }], 'stop', { response: { modelId: 'real-model' } });
    expect(OPENAI_CHAT.writeAnswer(answer, LABEL)).toEqual({
      id: 'chatcmpl-abc',
      object: 'chat.completion',
      created: 1_750_000_000,
      model: 'real-model',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi!', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 12,
        completion_tokens: 7,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    });
  });

  it.each([
    ['stop', 'stop'],
    ['tool-calls', 'tool_calls'],
    ['length', 'length'],
    ['interrupted', 'length'],
    ['content-filter', 'content_filter'],
    ['error', 'content_filter'],
    ['other', 'content_filter'],
  ] as const)('that ended by %s has the reason %s', (unified, finish_reason) => {
    const { choices, model } = OPENAI_CHAT.writeAnswer(modelAnswer([], unified), LABEL);
    expect(choices).toMatchObject([{ message: { content: null }, finish_reason }]);
    expect(model).toBe('asked-model');
  });

  it('tells no usage that nobody counted', () => {
    const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
    const usage = { inputTokens: none, outputTokens: { total: undefined, text: undefined, reasoning: undefined } };
    expect(OPENAI_CHAT.writeAnswer(modelAnswer([], 'stop', { usage }), LABEL)).not.toHaveProperty('usage');
  });

  it('tells thoughts with their seals, pictures, and calls with theirs', () => {
    const message = messageOf(
      modelAnswer([
        { type: 'reasoning', text: 'Hm.', providerMetadata: { anthropic: { signature: 's1' } } },
        { type: 'reasoning', text: '', providerMetadata: { anthropic: { redactedData: 'd' } } },
        { type: 'reasoning', text: 'So.' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
        { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AAAA' } },
        {
          type: 'tool-call',
          toolCallId: 'c1',
          toolName: 'f',
          input: '{"a": 1}',
          providerMetadata: { someServer: { thoughtSignature: 's2' } },
        },
        { type: 'tool-call', toolCallId: 'c2', toolName: 'search', input: '{}', providerExecuted: true },
        { type: 'tool-result', toolCallId: 'c2', toolName: 'search', result: {} },
      ]),
    );
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'Hm.So.',
      reasoning_details: [
        { type: 'reasoning.text', text: 'Hm.', signature: 's1', format: 'anthropic-claude-v1', index: 0 },
        { type: 'reasoning.encrypted', data: 'd', format: 'anthropic-claude-v1', index: 1 },
        { type: 'reasoning.text', text: 'So.', index: 2 },
      ],
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } }],
      tool_calls: [
        {
          id: 'c1',
          type: 'function',
          function: { name: 'f', arguments: '{"a": 1}' },
          extra_content: { google: { thought_signature: 's2' } },
        },
      ],
    });
  });

  it.each([
    ['tool-calls', '', '{}'],
    ['stop', ' ', ' {}'],
    ['length', '', ''],
    ['length', '{"a', '{"a'],
  ] as const)('that ended by %s tells the arguments %j as %j, and so does its stream', (unified, input, told) => {
    const call = { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input } as const;
    const answer = modelAnswer([call], unified);
    expect(messageOf(answer)).toMatchObject({ tool_calls: [{ function: { arguments: told } }] });
    for (const calls of [true, false]) {
      const writer = OPENAI_CHAT.writeStream(LABEL);
      const events = streamOf(answer, { length: 2, calls }).flatMap((part) => writer.write(part));
      const { choices } = aggregateStream('openai.chat', events) as JsonObject;
      expect(choices).toMatchObject([{ message: { tool_calls: [{ id: 'c1', function: { arguments: told } }] } }]);
    }
  });

  it('tells where its text is supported, by offsets in the whole of it, and by what else it is', () => {
    const citations = [{ source: URL_SOURCE, startIndex: 1, endIndex: 3 }, { source: URL_SOURCE }];
    const other = { ...URL_SOURCE, url: 'https://y.test/', title: undefined } as const;
    const { annotations } = Object(
      messageOf(
        modelAnswer([
          { type: 'text', text: 'abcd' },
          { type: 'text', text: 'efgh', citations },
          URL_SOURCE,
          { type: 'source', sourceType: 'url', id: other.id, url: other.url },
          { type: 'source', sourceType: 'url', id: other.id, url: other.url },
          { type: 'source', sourceType: 'document', id: 'd', mediaType: 'text/plain', title: 'D' },
        ]),
      ),
    ) as JsonObject;
    expect(annotations).toEqual([
      { ...CITATION, url_citation: { ...CITATION.url_citation, start_index: 5, end_index: 7 } },
      { ...CITATION, url_citation: { ...CITATION.url_citation, start_index: 4, end_index: 8 } },
      { type: 'url_citation', url_citation: { url: 'https://y.test/', title: '', start_index: 0, end_index: 8 } },
    ]);
  });
});

describe('a streamed chat completion', () => {
  it('comes in chunks: who speaks, what is said, why it ended, what it cost, the end', () => {
    const head = { id: 'chatcmpl-abc', object: 'chat.completion.chunk', created: 1_750_000_000, model: 'real-model' };
    const chunk = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    expect(
      streamed(
        { type: 'response-metadata', id: 'msg_1', modelId: 'real-model' },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: 'Hi' },
        { type: 'text-delta', id: '0', delta: '' },
        { type: 'text-delta', id: '0', delta: '!' },
        { type: 'text-end', id: '0' },
        FINISH,
      ),
    ).toEqual([
      chunk({ role: 'assistant', content: null, refusal: null }),
      chunk({ content: 'Hi' }),
      chunk({ content: '!' }),
      chunk({}, 'stop'),
      {
        ...head,
        choices: [],
        usage: {
          prompt_tokens: 12,
          completion_tokens: 7,
          total_tokens: 19,
          prompt_tokens_details: { cached_tokens: 3 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      },
      SSE_DONE,
    ]);
  });

  it('is whole even where nothing is said', () => {
    expect(deltas()).toEqual([{ role: 'assistant', content: null, refusal: null }, {}]);
  });

  it('numbers calls, brings arguments that nobody had to write, and a seal that came late', () => {
    const signed = { google: { thoughtSignature: 's' } };
    expect(
      deltas(
        { type: 'tool-input-start', id: 'c1', toolName: 'f' },
        { type: 'tool-input-start', id: 'c2', toolName: 'g', providerMetadata: signed },
        { type: 'tool-input-delta', id: 'c2', delta: '{"a"' },
        { type: 'tool-input-end', id: 'c1' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{}', providerMetadata: signed },
        { type: 'tool-input-delta', id: 'c2', delta: ':1}' },
        { type: 'tool-input-end', id: 'c2' },
        { type: 'tool-call', toolCallId: 'c2', toolName: 'g', input: '{"a":1}', providerMetadata: signed },
        { type: 'tool-input-start', id: 'c3', toolName: 'h' },
        { type: 'tool-input-delta', id: 'c3', delta: '{"b":2}', providerMetadata: signed },
        { type: 'tool-call', toolCallId: 'c3', toolName: 'h', input: '{"b":2}', providerMetadata: signed },
        { type: 'tool-call', toolCallId: 'c4', toolName: 'i', input: '{"c":3}' },
      ).slice(1, -1),
    ).toEqual([
      { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] },
      {
        tool_calls: [
          {
            index: 1,
            id: 'c2',
            type: 'function',
            function: { name: 'g', arguments: '' },
            extra_content: { google: { thought_signature: 's' } },
          },
        ],
      },
      { tool_calls: [{ index: 1, function: { arguments: '{"a"' } }] },
      {
        tool_calls: [
          { index: 0, function: { arguments: '{}' }, extra_content: { google: { thought_signature: 's' } } },
        ],
      },
      { tool_calls: [{ index: 1, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 2, id: 'c3', type: 'function', function: { name: 'h', arguments: '' } }] },
      {
        tool_calls: [
          { index: 2, function: { arguments: '{"b":2}' }, extra_content: { google: { thought_signature: 's' } } },
        ],
      },
      { tool_calls: [{ index: 3, id: 'c4', type: 'function', function: { name: 'i', arguments: '{"c":3}' } }] },
    ]);
  });

  it('leaves out what the provider did by itself', () => {
    expect(
      deltas(
        { type: 'tool-input-start', id: 'p', toolName: 'search', providerExecuted: true },
        { type: 'tool-input-delta', id: 'p', delta: '{}' },
        { type: 'tool-input-end', id: 'p' },
        { type: 'tool-call', toolCallId: 'p', toolName: 'search', input: '{}', providerExecuted: true },
        { type: 'tool-result', toolCallId: 'p', toolName: 'search', result: {} },
        { type: 'custom', kind: 'anthropic.fallback' },
      ),
    ).toHaveLength(2);
  });

  it('tells what supports the text once, when all of it is known', () => {
    const all = deltas(
      URL_SOURCE,
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'abcd' },
      { type: 'text-end', id: '0', citations: [{ source: URL_SOURCE, startIndex: 1, endIndex: 3 }] },
    );
    expect(all.at(-2)).toEqual({
      annotations: [{ ...CITATION, url_citation: { ...CITATION.url_citation, start_index: 1, end_index: 3 } }],
    });
  });
});
