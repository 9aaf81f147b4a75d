import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../json/json-value.ts';
import type { Operation } from '../operation.ts';
import {
  type JudgedAnswer,
  MAX_STORED_BYTES,
  UNSTORABLE_RULES,
  unstorableRule,
  type UnstorableRule,
} from './is-storable.ts';

interface Given {
  readonly operation?: Operation;
  readonly request?: JsonObject;
  readonly answer?: Partial<JudgedAnswer>;
  readonly body?: JsonValue;
}

const choice = (message: JsonObject, finish: JsonValue = 'stop'): JsonObject => ({
  index: 0,
  message,
  finish_reason: finish,
});
const said: JsonObject = choice({ role: 'assistant', content: 'Hi' });
const text = (content: JsonValue, finish: JsonValue = 'stop'): JsonObject => ({ text: content, finish_reason: finish });
const chatBody = (...choices: JsonObject[]): JsonObject => ({ id: 'x', choices });
const vectors = (...embeddings: JsonValue[]): JsonObject => ({ data: embeddings.map((embedding) => ({ embedding })) });
const placed = (...places: number[]): JsonObject => ({ data: places.map((index) => ({ index, embedding: [0.5] })) });

function rule({ operation = 'openai.chat', request = {}, answer = {}, body = chatBody(said) }: Given) {
  return unstorableRule(operation, request, {
    status: 200,
    contentType: 'application/json',
    body,
    byteLength: 100,
    ...answer,
  });
}

const completions = 'openai.completions';
const embeddings = 'openai.embeddings';
const native = 'native.chat';
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };

/** A message of Anthropic's, told what it says and how it ended. */
const message = (content: JsonValue, stop: JsonValue = 'end_turn'): Given => ({
  operation: 'anthropic.messages',
  body: { type: 'message', role: 'assistant', content, stop_reason: stop },
});
const toolUse = { type: 'tool_use', id: 't', name: 'f', input: {} };
const response = (output: JsonValue, members: JsonObject = {}): Given => ({
  operation: 'openai.responses',
  body: { object: 'response', status: 'completed', error: null, output, ...members },
});
const spoken = (text: JsonValue, type = 'output_text'): JsonObject => ({ type: 'message', content: [{ type, text }] });
const refused = { type: 'message', content: [{ type: 'refusal', refusal: 'No' }] };
const parts = (type: string, text: string): JsonObject[] => [{ type, text }];
const generated = (...candidates: JsonObject[]): Given => ({ operation: 'gemini.generate', body: { candidates } });
const candidate = (part: JsonObject, finishReason: JsonValue = 'STOP'): JsonObject => ({
  content: { parts: [part], role: 'model' },
  finishReason,
});
const counted = (input_tokens: JsonValue): Given => ({ operation: 'anthropic.count_tokens', body: { input_tokens } });

/** What is not stored, and its nearest neighbour that is. */
const TABLE: [UnstorableRule, string, Given, Given][] = [
  ['status', '201', { answer: { status: 201 } }, { answer: { status: 200 } }],
  ['status', '206', { answer: { status: 206 } }, {}],
  ['status', '429', { answer: { status: 429 } }, {}],
  [
    'content-type',
    'none',
    { answer: { contentType: undefined } },
    { answer: { contentType: 'Application/JSON;charset=utf-8' } },
  ],
  ['content-type', 'text', { answer: { contentType: 'text/plain' } }, { answer: { contentType: 'text/event-stream' } }],
  [
    'content-type',
    'almost JSON',
    { answer: { contentType: 'application/jsonl' } },
    { answer: { contentType: 'application/json ; x' } },
  ],
  [
    'too-large',
    'over 1 MiB',
    { answer: { byteLength: MAX_STORED_BYTES + 1 } },
    { answer: { byteLength: MAX_STORED_BYTES } },
  ],
  ['not-json', 'a body that did not parse', { answer: { body: undefined } }, {}],
  ['not-json', 'an array', { body: [said] }, {}],
  ['not-json', 'null', { body: null }, {}],
  [
    'error',
    'an error in a 200',
    { body: { ...chatBody(said), error: { message: 'no' } } },
    { body: { ...chatBody(said), error: null } },
  ],
  ['error', 'an empty error', { body: { ...chatBody(said), error: '' } }, { body: chatBody({ ...said, error: 'x' }) }],
  ...['max_tokens', 'refusal', 'pause_turn', 'model_context_window_exceeded', null, 'new'].map(
    (stop): (typeof TABLE)[number] => [
      'finish-reason',
      `a message that ends by ${stop}`,
      message([{ type: 'text', text: 'Hi' }], stop),
      message([{ type: 'text', text: 'Hi' }], 'stop_sequence'),
    ],
  ),
  ['empty', 'a message of nothing', message([]), message([toolUse], 'tool_use')],
  [
    'empty',
    'a message of thoughts alone',
    message([{ type: 'thinking', thinking: 'Hm', signature: 's' }]),
    message([
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'text', text: 'Hi' },
    ]),
  ],
  ['empty', 'a message of empty text', message([{ type: 'text', text: '' }]), message([{ type: 'text', text: ' ' }])],
  ['empty', 'a message of a text of its own', message('Hi'), message([{ type: 'text', text: 'Hi' }])],
  [
    'error',
    "Anthropic's error in a 200",
    { operation: 'anthropic.messages', body: { type: 'error', error: { type: 'overloaded_error' } } },
    message([{ type: 'text', text: 'Hi' }]),
  ],
  ...['incomplete', 'failed', 'in_progress', 'queued', 'cancelled', null].map((status): (typeof TABLE)[number] => [
    'finish-reason',
    `a response that is ${status}`,
    response([spoken('Hi')], { status }),
    response([spoken('Hi')]),
  ]),
  ['error', 'a response with an error', response([spoken('Hi')], { error: { code: 'x' } }), response([spoken('Hi')])],
  ['empty', 'a response of nothing', response([]), response([{ type: 'function_call', name: 'f', arguments: '{}' }])],
  ['empty', 'a response of reasoning', response([{ type: 'reasoning', summary: [] }]), response([spoken('Hi')])],
  ['refusal', 'a response that refuses', response([refused]), response([{ type: 'custom_tool_call' }])],
  ['refusal', 'a response that refuses beside a text', response([spoken('Hi'), refused]), response([spoken('Hi')])],
  [
    'refusal',
    'a response with a part that refuses',
    response([{ type: 'message', content: [...parts('output_text', 'Hi'), { type: 'refusal', refusal: 'No' }] }]),
    response([{ type: 'message', content: parts('output_text', 'Hi') }]),
  ],
  [
    'finish-reason',
    'a response with an item that is not complete',
    response([spoken('Hi'), { type: 'function_call', status: 'incomplete' }]),
    response([spoken('Hi'), { type: 'function_call', status: 'completed' }]),
  ],
  [
    'finish-reason',
    'a response that says why it is not complete',
    response([spoken('Hi')], { incomplete_details: { reason: 'content_filter' } }),
    response([spoken('Hi')], { incomplete_details: null }),
  ],
  ['empty', 'a response of empty text', response([spoken('')]), response([spoken(' ')])],
  ...['MAX_TOKENS', 'SAFETY', 'RECITATION', 'MALFORMED_FUNCTION_CALL', null].map((end): (typeof TABLE)[number] => [
    'finish-reason',
    `a candidate that ends by ${end}`,
    generated(candidate({ text: 'Hi' }, end)),
    generated(candidate({ text: 'Hi' })),
  ]),
  [
    'choices',
    'a blocked prompt',
    { ...generated(), body: { promptFeedback: {} } },
    generated(candidate({ text: 'Hi' })),
  ],
  [
    'choices',
    'a candidate too few',
    { ...generated(candidate({ text: 'Hi' })), request: { generationConfig: { candidateCount: 2 } } },
    {
      ...generated(candidate({ text: 'Hi' }), candidate({ text: 'Ho' })),
      request: { generationConfig: { candidateCount: 2 } },
    },
  ],
  ['empty', 'thoughts', generated(candidate({ text: 'Hm', thought: true })), generated(candidate({ text: 'Hm' }))],
  ['empty', 'no text', generated(candidate({ text: '' })), generated(candidate({ functionCall: { name: 'f' } }))],
  ['tokens', 'a count that is none', counted('7'), counted(7)],
  ['tokens', 'half a token', counted(0.5), counted(0)],
  ['choices', 'none at all', { body: { id: 'x' } }, {}],
  ['choices', 'no choice', { body: chatBody() }, {}],
  ['choices', 'one too many', { body: chatBody(said, said) }, { request: { n: 2 }, body: chatBody(said, said) }],
  [
    'choices',
    'one too few',
    { request: { n: 3 }, body: chatBody(said, said) },
    { request: { n: null }, body: chatBody(said) },
  ],
  ['choices', 'a choice that is no object', { body: { choices: ['Hi'] } }, {}],
  ['finish-reason', 'truncation', { body: chatBody(choice({ content: 'Hi' }, 'length')) }, {}],
  ['finish-reason', 'a content filter', { body: chatBody(choice({ content: 'Hi' }, 'content_filter')) }, {}],
  ['finish-reason', 'no end', { body: chatBody(choice({ content: 'Hi' }, null)) }, {}],
  ['finish-reason', 'an end that nobody knows', { body: chatBody(choice({ content: 'Hi' }, 'eos')) }, {}],
  [
    'finish-reason',
    'the second choice cut',
    { request: { n: 2 }, body: chatBody(said, choice({ content: 'Hi' }, 'length')) },
    { request: { n: 2 }, body: chatBody(said, choice({ content: 'Hi' }, 'function_call')) },
  ],
  ['empty', 'no message', { body: chatBody({ finish_reason: 'stop' }) }, {}],
  ['empty', 'empty text', { body: chatBody(choice({ content: '' })) }, { body: chatBody(choice({ content: ' ' })) }],
  [
    'empty',
    'nothing said',
    { body: chatBody(choice({ content: null })) },
    { body: chatBody(choice({ content: null, tool_calls: [call] }, 'tool_calls')) },
  ],
  [
    'empty',
    'no calls',
    { body: chatBody(choice({ content: null, tool_calls: [] }, 'tool_calls')) },
    { body: chatBody(choice({ content: null, function_call: { name: 'f' } }, 'function_call')) },
  ],
  [
    'refusal',
    'a refusal',
    { body: chatBody(choice({ content: null, refusal: 'I will not.' })) },
    { body: chatBody(choice({ content: 'Hi', refusal: null })) },
  ],
  [
    'refusal',
    'a refusal after a text',
    { body: chatBody(choice({ content: 'Hi', refusal: 'I will not.' })) },
    { body: chatBody(choice({ content: 'Hi', refusal: '' })) },
  ],
  [
    'refusal',
    'a refusal beside calls',
    { body: chatBody(choice({ content: null, refusal: 'No', tool_calls: [call] }, 'tool_calls')) },
    { body: chatBody(choice({ content: null, refusal: null, tool_calls: [call] }, 'tool_calls')) },
  ],
  [
    'refusal',
    'a part that refuses',
    { body: chatBody(choice({ content: [...parts('text', 'Hi'), { type: 'refusal', refusal: 'No' }] })) },
    { body: chatBody(choice({ content: parts('text', 'Hi') })) },
  ],
  [
    'empty',
    'parts of empty text',
    { body: chatBody(choice({ content: parts('text', '') })) },
    { body: chatBody(choice({ content: [{ type: 'image_url', image_url: { url: 'data:' } }] })) },
  ],
  [
    'empty',
    'parts of which nobody knows what they say',
    { body: chatBody(choice({ content: parts('thinking', 'hm') })) },
    { body: chatBody(choice({ content: [...parts('thinking', 'hm'), ...parts('text', 'Hi')] })) },
  ],
  [
    'empty',
    'reasoning alone',
    { body: chatBody(choice({ content: '', reasoning_content: 'hm' })) },
    { body: chatBody(choice({ content: 'Hi', reasoning_content: 'hm' })) },
  ],
  [
    'choices',
    'completions: too few for n',
    { operation: completions, request: { prompt: 'a', n: 2 }, body: chatBody(text('b')) },
    { operation: completions, request: { prompt: 'a' }, body: chatBody(text('b')) },
  ],
  [
    'choices',
    'completions: too few for the prompts',
    { operation: completions, request: { prompt: ['a', 'b'], n: 2 }, body: chatBody(text('b'), text('b')) },
    { operation: completions, request: { prompt: ['a', 'b'], n: 1 }, body: chatBody(text('b'), text('b')) },
  ],
  [
    'choices',
    'completions: a prompt of tokens is one prompt',
    { operation: completions, request: { prompt: [1, 2] }, body: chatBody(text('b'), text('b')) },
    { operation: completions, request: { prompt: [[1], [2]] }, body: chatBody(text('b'), text('b')) },
  ],
  [
    'finish-reason',
    'completions: truncation',
    { operation: completions, request: { prompt: 'a' }, body: chatBody(text('b', 'length')) },
    { operation: completions, request: { prompt: 'a' }, body: chatBody(text('b')) },
  ],
  [
    'empty',
    'completions: empty text',
    { operation: completions, request: { prompt: 'a' }, body: chatBody(text('')) },
    { operation: completions, request: { prompt: 'a' }, body: chatBody(text(' ')) },
  ],
  [
    'empty',
    'completions: a message instead of text',
    { operation: completions, request: { prompt: 'a' }, body: chatBody(said) },
    { operation: completions, request: { prompt: 'a' }, body: chatBody(text('b')) },
  ],
  [
    'choices',
    'native: more than one',
    { operation: native, request: { prompt: 'a' }, body: chatBody(said, said) },
    { operation: native, request: { prompt: 'a' }, body: chatBody(said) },
  ],
  [
    'finish-reason',
    'native: truncation',
    { operation: native, request: { prompt: 'a' }, body: chatBody(choice({ content: 'Hi' }, 'length')) },
    { operation: native, request: { prompt: 'a' }, body: chatBody(said) },
  ],
  [
    'empty',
    'native: empty text',
    { operation: native, request: { prompt: 'a' }, body: chatBody(choice({ content: '' })) },
    { operation: native, request: { prompt: 'a' }, body: chatBody(choice({ content: ' ' })) },
  ],
  [
    'empty',
    'native: calls have no place in its answer',
    {
      operation: native,
      request: { prompt: 'a' },
      body: chatBody(choice({ content: null, tool_calls: [call] }, 'tool_calls')),
    },
    { operation: native, request: { prompt: 'a' }, body: chatBody(said) },
  ],
  [
    'empty',
    'native: parts have no place in its answer',
    { operation: native, request: { prompt: 'a' }, body: chatBody(choice({ content: parts('text', 'Hi') })) },
    { body: chatBody(choice({ content: parts('text', 'Hi') })) },
  ],
  [
    'refusal',
    'native: a refusal after a text',
    { operation: native, request: { prompt: 'a' }, body: chatBody(choice({ content: 'Hi', refusal: 'No' })) },
    { operation: native, request: { prompt: 'a' }, body: chatBody(choice({ content: 'Hi', refusal: null })) },
  ],
  ...[[null], ['0.5'], [0.5, Infinity], [Number.NaN], 'no base64!'].map((vector): (typeof TABLE)[number] => [
    'vectors',
    `${JSON.stringify(vector)} for a vector`,
    { operation: embeddings, request: { input: 'a' }, body: vectors(vector) },
    { operation: embeddings, request: { input: 'a' }, body: vectors([0.5, -1e-9]) },
  ]),
  [
    'vectors',
    'two for one place',
    { operation: embeddings, request: { input: ['a', 'b'] }, body: placed(0, 0) },
    { operation: embeddings, request: { input: ['a', 'b'] }, body: placed(1, 0) },
  ],
  [
    'vectors',
    'none at all',
    { operation: embeddings, request: { input: 'a' }, body: {} },
    { operation: embeddings, request: { input: 'a' }, body: vectors([0.5]) },
  ],
  [
    'vectors',
    'one too few',
    { operation: embeddings, request: { input: ['a', 'b'] }, body: vectors([0.5]) },
    { operation: embeddings, request: { input: ['a', 'b'] }, body: vectors([0.5], [1]) },
  ],
  [
    'vectors',
    'one too many',
    { operation: embeddings, request: { input: [1, 2] }, body: vectors([0.5], [1]) },
    { operation: embeddings, request: { input: [[1], [2]] }, body: vectors([0.5], [1]) },
  ],
  [
    'vectors',
    'an empty vector',
    { operation: embeddings, request: { input: 'a' }, body: vectors([]) },
    { operation: embeddings, request: { input: 'a' }, body: vectors('AAAAPw==') },
  ],
  [
    'vectors',
    'an empty text',
    { operation: embeddings, request: { input: 'a' }, body: vectors('') },
    { operation: embeddings, request: { input: 'a' }, body: vectors('AAAAPw==') },
  ],
  [
    'vectors',
    'no vector',
    { operation: embeddings, request: { input: 'a' }, body: { data: [{}] } },
    { operation: embeddings, request: { input: 'a' }, body: vectors([0]) },
  ],
  [
    'vectors',
    'what is no object',
    { operation: embeddings, request: { input: 'a' }, body: { data: [[0.5]] } },
    { operation: embeddings, request: { input: 'a' }, body: vectors([0]) },
  ],
];

describe('an answer is not stored', () => {
  test.each(TABLE)('by the rule %s: %s', (expected, _, refused, neighbour) => {
    expect(rule(refused)).toBe(expected);
    expect(rule(neighbour)).toBeUndefined();
  });

  test('by each of the rules', () => {
    expect(new Set(TABLE.map(([name]) => name))).toEqual(new Set(UNSTORABLE_RULES));
  });
});
