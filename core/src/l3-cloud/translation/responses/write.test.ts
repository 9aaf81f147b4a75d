import { isJsonObject, parseJson, type JsonObject } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { LABEL, modelAnswer, streamOf, USAGE } from '../../../../test/support/model-answers.ts';
import type { ModelPart } from '../surface.port.ts';
import { sealedText } from './seal-text.ts';
import { RESPONSES } from './surface.ts';

const FINISH: ModelPart = { type: 'finish', finishReason: { unified: 'stop', raw: 'end_turn' }, usage: USAGE };
const URL_SOURCE = { type: 'source', sourceType: 'url', id: 's', url: 'https://x.test/', title: 'X' } as const;

/** The events of a stream, which are numbered and named. */
function streamed(...parts: ModelPart[]): JsonObject[] {
  const writer = RESPONSES.writeStream(LABEL);
  return parts
    .flatMap((part) => writer.write(part))
    .map(({ event, data }, number) => {
      const said = parseJson(data);
      if (!isJsonObject(said)) throw new TypeError('no object');
      const { type, sequence_number, ...rest } = said;
      expect([type, sequence_number]).toEqual([event, number]);
      return { type: type ?? null, ...rest };
    });
}

const typesOf = (events: readonly JsonObject[]): unknown[] => events.map(({ type }) => type);

const textPart = (text: string, ...annotations: JsonObject[]): JsonObject => {
  return { type: 'output_text', text, annotations, logprobs: [] };
};

describe('a plain response', () => {
  it('has the shape of the dialect, under the name that the model gave itself', () => {
    const answer = modelAnswer([{ type: 'text', text: 'Hi!' }], 'stop', { response: { modelId: 'real-model' } });
    expect(RESPONSES.writeAnswer(answer, LABEL)).toEqual({
      id: 'resp_abc',
      object: 'response',
      created_at: 1_750_000_000,
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: {},
      model: 'real-model',
      output: [
        {
          id: 'msg_abc_0',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [textPart('Hi!')],
        },
      ],
      parallel_tool_calls: true,
      previous_response_id: null,
      store: false,
      temperature: null,
      tool_choice: 'auto',
      tools: [],
      top_p: null,
      usage: {
        input_tokens: 12,
        input_tokens_details: { cached_tokens: 3 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 19,
      },
    });
  });

  it.each([
    ['stop', undefined],
    ['tool-calls', undefined],
    ['length', 'max_output_tokens'],
    ['interrupted', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
    ['error', 'content_filter'],
    ['other', 'content_filter'],
  ] as const)('that ended by %s is incomplete by %s', (unified, reason) => {
    const response = RESPONSES.writeAnswer(modelAnswer([{ type: 'text', text: 'Hi' }], unified), LABEL);
    const status = reason === undefined ? 'completed' : 'incomplete';
    expect(response).toMatchObject({ status, incomplete_details: reason === undefined ? null : { reason } });
    expect(response['output']).toMatchObject([{ status }]);
    expect(response['model']).toBe('asked-model');
  });

  it('tells no usage that nobody counted', () => {
    const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
    const usage = { inputTokens: none, outputTokens: { total: undefined, text: undefined, reasoning: undefined } };
    expect(RESPONSES.writeAnswer(modelAnswer([], 'stop', { usage }), LABEL)['usage']).toBeNull();
  });

  it('has an item for thoughts, texts, pictures and calls, and for seals that theirs have no place for', () => {
    const google = { google: { thoughtSignature: 's2' } };
    const { output } = RESPONSES.writeAnswer(
      modelAnswer([
        { type: 'reasoning', text: 'Hm.', providerMetadata: { anthropic: { signature: 's1' } } },
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b', providerMetadata: google },
        { type: 'text', text: 'c' },
        { type: 'file', mediaType: 'image/webp', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
        { type: 'file', mediaType: 'audio/wav', data: { type: 'data', data: 'AAAA' } },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{"a": 1}', providerMetadata: google },
        { type: 'tool-call', toolCallId: 'c2', toolName: 'search', input: '{}', providerExecuted: true },
        { type: 'tool-result', toolCallId: 'c2', toolName: 'search', result: {} },
      ]),
      LABEL,
    );
    const message = { type: 'message', role: 'assistant', status: 'completed' };
    const googleSeal = { format: 'google-gemini-v1', signature: 's2' } as const;
    expect(output).toEqual([
      {
        id: 'rs_abc_0',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: sealedText({ on: 'thoughts', seal: { format: 'anthropic-claude-v1', signature: 's1' } }),
      },
      { id: 'msg_abc_1', ...message, content: [textPart('a'), textPart('b')] },
      {
        id: 'rs_abc_2',
        type: 'reasoning',
        summary: [],
        encrypted_content: sealedText({ on: 'text', seal: googleSeal }),
      },
      { id: 'msg_abc_3', ...message, content: [textPart('c')] },
      { id: 'ig_abc_4', type: 'image_generation_call', status: 'completed', output_format: 'webp', result: 'AQID' },
      { id: 'fc_abc_5', type: 'function_call', status: 'completed', call_id: 'c1', name: 'f', arguments: '{"a": 1}' },
      {
        id: 'rs_abc_6',
        type: 'reasoning',
        summary: [],
        encrypted_content: sealedText({ on: { call: 'c1' }, seal: googleSeal }),
      },
    ]);
  });

  it.each([
    ['tool-calls', '', '{}', 'completed'],
    ['stop', ' ', ' {}', 'completed'],
    ['tool-calls', '{"a', '{"a', 'completed'],
    ['length', '', '', 'incomplete'],
    ['length', '{"a', '{"a', 'incomplete'],
    ['length', '{"a":1}', '{"a":1}', 'completed'],
  ] as const)(
    'that ended by %s tells the arguments %j as %j, %s, and so does its stream',
    (unified, input, args, status) => {
      const call = { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input } as const;
      const answer = modelAnswer([call, { ...call, toolCallId: 'c2', input: '{}' }], unified);
      const output = [
        { type: 'function_call', call_id: 'c1', arguments: args, status },
        { type: 'function_call', call_id: 'c2', arguments: '{}', status: 'completed' },
      ];
      expect(RESPONSES.writeAnswer(answer, LABEL)).toMatchObject({ output });
      for (const calls of [true, false]) {
        const events = streamed(...streamOf(answer, { length: 2, calls }));
        const told = events.filter((event) => event['type'] === 'response.function_call_arguments.delta');
        const deltas = told.flatMap(({ item_id, delta }) =>
          item_id === 'fc_abc_0' && typeof delta === 'string' ? [delta] : [],
        );
        expect(deltas.join('')).toBe(args);
        const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
        expect(done).toEqual(expect.arrayContaining(output.map((item) => expect.objectContaining(item))));
        expect(events.at(-1)).toMatchObject({ response: { output } });
      }
    },
  );

  const { tools } = RESPONSES.readRequest({ input: 'Hi', tools: [{ type: 'custom', name: 'patch' }] });

  it.each([
    ['tool-calls', '{"input": "*** \\"a\\"\\n"}', '*** "a"\n', 'completed'],
    ['tool-calls', '*** a text as it is', '*** a text as it is', 'completed'],
    ['tool-calls', '{"patch":"*** a"}', '{"patch":"*** a"}', 'completed'],
    ['tool-calls', '', '', 'completed'],
    ['length', '{"input":"***', '{"input":"***', 'incomplete'],
  ] as const)(
    'that ended by %s tells the call of a tool that takes a text, %j, by %j, %s',
    (unified, args, input, status) => {
      const call = { type: 'tool-call', toolCallId: 'c1', toolName: 'patch', input: args } as const;
      const answer = modelAnswer([call, { ...call, toolCallId: 'c2', toolName: 'f', input: '{"input":"a"}' }], unified);
      const item = { id: 'ctc_abc_0', type: 'custom_tool_call', call_id: 'c1', name: 'patch' };
      const output = [
        { ...item, input, status },
        { type: 'function_call', name: 'f', arguments: '{"input":"a"}' },
      ];
      expect(RESPONSES.writeAnswer(answer, { ...LABEL, tools })).toMatchObject({ output });
      for (const calls of [true, false]) {
        const writer = RESPONSES.writeStream({ ...LABEL, tools });
        const said = streamOf(answer, { length: 2, calls }).flatMap((part) => writer.write(part));
        const place = { item_id: 'ctc_abc_0', output_index: 0 };
        const events = said
          .map(({ data }) => parseJson(data) as JsonObject)
          .filter((event) => event['output_index'] === 0);
        expect(events).toMatchObject([
          { type: 'response.output_item.added', output_index: 0, item: { ...item, input: '', status: 'in_progress' } },
          ...(input === '' ? [] : [{ type: 'response.custom_tool_call_input.delta', ...place, delta: input }]),
          { type: 'response.custom_tool_call_input.done', ...place, input },
          { type: 'response.output_item.done', output_index: 0, item: { ...item, input, status } },
        ]);
        expect(parseJson(said.at(-1)?.data ?? '')).toMatchObject({ response: { output } });
      }
    },
  );

  it('keeps the order of texts and thoughts', () => {
    const thought = { type: 'reasoning', text: 'Hm.' } as const;
    const answer = modelAnswer([{ type: 'text', text: 'a' }, thought, { type: 'text', text: 'b' }]);
    expect(RESPONSES.writeAnswer(answer, LABEL)['output']).toMatchObject([
      { type: 'message', content: [textPart('a')] },
      { type: 'reasoning' },
      { type: 'message', content: [textPart('b')] },
    ]);
  });
});

describe('a streamed response', () => {
  it('tells a text from its beginning to its end', () => {
    const events = streamed(
      { type: 'response-metadata', modelId: 'real-model' },
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'Hi' },
      { type: 'text-delta', id: '0', delta: '!' },
      { type: 'text-end', id: '0', citations: [{ source: URL_SOURCE, startIndex: 0, endIndex: 2 }] },
      URL_SOURCE,
      FINISH,
    );
    const annotation = { type: 'url_citation', url: 'https://x.test/', title: 'X', start_index: 0, end_index: 2 };
    const place = { item_id: 'msg_abc_0', output_index: 0, content_index: 0 };
    const item = { id: 'msg_abc_0', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
    const whole = { ...item, status: 'completed', content: [textPart('Hi!', annotation)] };
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'response.created', response: { status: 'in_progress', output: [], usage: null, model: 'real-model' } },
      { type: 'response.in_progress', response: { id: 'resp_abc' } },
    ]);
    expect(events.slice(2, -1)).toEqual([
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.content_part.added', ...place, part: textPart('') },
      { type: 'response.output_text.delta', ...place, delta: 'Hi', logprobs: [] },
      { type: 'response.output_text.delta', ...place, delta: '!', logprobs: [] },
      { type: 'response.output_text.annotation.added', ...place, annotation_index: 0, annotation },
      { type: 'response.output_text.done', ...place, text: 'Hi!', logprobs: [] },
      { type: 'response.content_part.done', ...place, part: textPart('Hi!', annotation) },
      { type: 'response.output_item.done', output_index: 0, item: whole },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { output: [whole] } });
  });

  it('tells thoughts and calls, with arguments that nobody had to write', () => {
    const events = streamed(
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'Hm' },
      { type: 'reasoning-delta', id: '0', delta: '.' },
      { type: 'reasoning-end', id: '0' },
      { type: 'tool-input-start', id: 'c1', toolName: 'f' },
      { type: 'tool-input-end', id: 'c1' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{}' },
      FINISH,
    );
    const thoughts = { item_id: 'rs_abc_0', output_index: 0, summary_index: 0 };
    const call = { item_id: 'fc_abc_1', output_index: 1 };
    const open = { id: 'fc_abc_1', type: 'function_call', call_id: 'c1', name: 'f' };
    const summary = { type: 'summary_text', text: 'Hm.' };
    const whole = { ...open, status: 'completed', arguments: '{}' };
    expect(events.slice(2, -1)).toEqual([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'rs_abc_0', type: 'reasoning', summary: [] },
      },
      { type: 'response.reasoning_summary_part.added', ...thoughts, part: { type: 'summary_text', text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...thoughts, delta: 'Hm' },
      { type: 'response.reasoning_summary_text.delta', ...thoughts, delta: '.' },
      { type: 'response.reasoning_summary_text.done', ...thoughts, text: 'Hm.' },
      { type: 'response.reasoning_summary_part.done', ...thoughts, part: summary },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { id: 'rs_abc_0', type: 'reasoning', summary: [summary] },
      },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: { ...open, status: 'in_progress', arguments: '' },
      },
      { type: 'response.function_call_arguments.delta', ...call, delta: '{}' },
      { type: 'response.function_call_arguments.done', ...call, name: 'f', arguments: '{}' },
      { type: 'response.output_item.done', output_index: 1, item: whole },
    ]);
  });

  it('that breaks off is incomplete, and so is what was not whole', () => {
    const events = streamed(
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'Hi' },
      { type: 'tool-input-start', id: 'c1', toolName: 'f' },
      { type: 'tool-input-delta', id: 'c1', delta: '{"a' },
      { type: 'finish', finishReason: { unified: 'length', raw: undefined }, usage: USAGE },
    );
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [
          { type: 'message', status: 'completed' },
          { type: 'function_call', status: 'incomplete', arguments: '{"a' },
        ],
      },
    });
    expect(typesOf(events).filter((type) => type === 'response.output_item.done')).toHaveLength(2);
  });

  it('that breaks off in the call of a tool that takes a text tells what came of it', () => {
    const { tools } = RESPONSES.readRequest({ input: 'Hi', tools: [{ type: 'custom', name: 'patch' }] });
    const writer = RESPONSES.writeStream({ ...LABEL, tools });
    writer.write({ type: 'tool-input-start', id: 'c1', toolName: 'patch' });
    writer.write({ type: 'tool-input-delta', id: 'c1', delta: '{"input":' });
    writer.write({ type: 'tool-input-delta', id: 'c1', delta: '"***' });
    const events = writer.write({ type: 'finish', finishReason: { unified: 'length', raw: undefined }, usage: USAGE });
    expect(parseJson(events.at(-1)?.data ?? '')).toMatchObject({
      response: { output: [{ type: 'custom_tool_call', status: 'incomplete', input: '{"input":"***' }] },
    });
  });

  it('goes on with a text that was left for a call, in another message', () => {
    const events = streamed(
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'a' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'f', input: '{}' },
      { type: 'text-delta', id: 't', delta: 'b' },
      { type: 'text-end', id: 't' },
      FINISH,
    );
    expect(events.at(-1)).toMatchObject({
      response: {
        output: [
          { type: 'message', content: [textPart('a')] },
          { type: 'function_call' },
          { type: 'message', content: [textPart('b')] },
        ],
      },
    });
  });

  it('leaves out what the provider did by itself', () => {
    const events = streamed(
      { type: 'tool-input-start', id: 'p', toolName: 'search', providerExecuted: true },
      { type: 'tool-input-delta', id: 'p', delta: '{}' },
      { type: 'tool-call', toolCallId: 'p', toolName: 'search', input: '{}', providerExecuted: true },
      { type: 'tool-result', toolCallId: 'p', toolName: 'search', result: {} },
      URL_SOURCE,
      { type: 'text-start', id: '0' },
      { type: 'text-delta', id: '0', delta: 'Hi' },
      { type: 'text-end', id: '0' },
      FINISH,
    );
    const annotation = { type: 'url_citation', url: 'https://x.test/', title: 'X', start_index: 0, end_index: 2 };
    expect(events.at(-1)).toMatchObject({ response: { output: [{ content: [textPart('Hi', annotation)] }] } });
  });
});
