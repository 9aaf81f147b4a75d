import type { JsonObject, JsonValue } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../test/support/surface-rules.ts';
import type { ModelCall } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { REQUEST } from './request-schema.ts';
import { OPENAI_CHAT } from './surface.ts';

const USER: JsonObject = { role: 'user', content: 'Hi' };
const TOOL: JsonObject = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };
const CALL: JsonObject = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } };

function call(fields: JsonObject): ModelCall {
  return readRequest({ model: 'm', messages: [USER], ...fields });
}

function promptOf(...messages: JsonValue[]): ModelCall['prompt'] {
  return readRequest({ messages }).prompt;
}

function partsOf(...content: JsonValue[]): unknown {
  return promptOf({ role: 'user', content })[0]?.content;
}

/** The field that a refusal names, and its message. */
describe('settings of a chat completion', () => {
  it.each<[string, JsonObject, Partial<ModelCall>]>([
    ['max_tokens', { max_tokens: 5 }, { maxOutputTokens: 5 }],
    ['max_completion_tokens', { max_completion_tokens: 5 }, { maxOutputTokens: 5 }],
    ['the same limit twice', { max_tokens: 5, max_completion_tokens: 5 }, { maxOutputTokens: 5 }],
    ['temperature 0', { temperature: 0 }, { temperature: 0 }],
    ['top_p', { top_p: 0.5 }, { topP: 0.5 }],
    ['top_k', { top_k: 40 }, { topK: 40 }],
    ['penalties', { presence_penalty: 1, frequency_penalty: -1 }, { presencePenalty: 1, frequencyPenalty: -1 }],
    ['one stop', { stop: 'END' }, { stopSequences: ['END'] }],
    ['stops', { stop: ['a', 'b'] }, { stopSequences: ['a', 'b'] }],
    ['no stops', { stop: [] }, {}],
    ['seed', { seed: 42 }, { seed: 42 }],
    ['effort', { reasoning_effort: 'xhigh' }, { reasoning: 'xhigh' }],
    ['no effort', { reasoning_effort: 'none' }, { reasoning: 'none' }],
    ['text', { response_format: { type: 'text' } }, {}],
    ['JSON', { response_format: { type: 'json_object' } }, { responseFormat: { type: 'json' } }],
    [
      'a schema, strict',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
      },
      { responseFormat: { type: 'json', name: 'n', schema: { type: 'object' } } },
    ],
    [
      'a schema, as a wish',
      { response_format: { type: 'json_schema', json_schema: { name: 'n', description: 'd', schema: {} } } },
      {
        responseFormat: { type: 'json', name: 'n', description: 'd', schema: {} },
        providerOptions: { openai: { strictJsonSchema: false }, openaiCompatible: { strictJsonSchema: false } },
      },
    ],
    ['verbosity', { verbosity: 'low' }, { providerOptions: { openai: { textVerbosity: 'low' } } }],
    ['null is no value', { temperature: null, stop: null, tools: null, logit_bias: null, unheard_of: null }, {}],
  ])('%s', (_what, fields, expected) => {
    expect(call(fields)).toEqual({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], ...expected });
  });

  it.each<[string, JsonObject]>([
    ['how it comes', { stream: true, stream_options: { include_usage: true, include_obfuscation: false } }],
    ['how it comes to others', { stream_options: { continuous_usage_stats: true } }],
    ['labels', { metadata: { a: 'b' }, user: 'u', safety_identifier: 's', store: false }],
    ['what OpenAI keeps', { store: true }],
    ['what it costs', { service_tier: 'flex' }],
    ['caching', { prompt_cache_key: 'k', prompt_cache_retention: '24h', prompt_cache_options: { ttl: '30m' } }],
    ['the usual', { n: 1, service_tier: 'auto', modalities: ['text'], logit_bias: {} }],
    ['no probabilities', { logprobs: false, top_logprobs: 0 }],
    ['a guess', { prediction: { type: 'content', content: 'x' } }],
    ['no tools', { tools: [], tool_choice: 'auto', parallel_tool_calls: true }],
  ])('cannot change the answer: %s', (_what, fields) => {
    expect(call(fields)).toEqual(call({}));
  });
});

describe('tools of a chat completion', () => {
  const weather = { type: 'function', name: 'weather', inputSchema: { type: 'object' } };

  it('keeps description, strictness and cache mark; without parameters there are none', () => {
    const function_ = { name: 'now', description: 'd', strict: true };
    const { tools } = call({
      tools: [{ type: 'function', function: function_, cache_control: { type: 'ephemeral' } }],
    });
    expect(tools).toEqual([
      {
        type: 'function',
        name: 'now',
        description: 'd',
        strict: true,
        inputSchema: { type: 'object', properties: {} },
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
      },
    ]);
  });

  it.each<[JsonValue, unknown]>([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', function: { name: 'weather' } },
      { type: 'tool', toolName: 'weather' },
    ],
  ])('choice %j', (tool_choice, toolChoice) => {
    expect(call({ tools: [TOOL], tool_choice })).toMatchObject({ tools: [weather], toolChoice });
  });

  it('offers those alone that a choice allows', () => {
    const other = { type: 'function', function: { name: 'other' } };
    const allowed_tools = { mode: 'required', tools: [{ type: 'function', function: { name: 'weather' } }] };
    expect(call({ tools: [other, TOOL], tool_choice: { type: 'allowed_tools', allowed_tools } })).toMatchObject({
      tools: [weather],
      toolChoice: { type: 'required' },
    });
  });

  it('asks those for one call at a time who can be asked', () => {
    expect(call({ tools: [TOOL], parallel_tool_calls: true })).toEqual(call({ tools: [TOOL] }));
    const { providerOptions } = call({ tools: [TOOL], parallel_tool_calls: false });
    expect(providerOptions).toEqual({
      anthropic: { disableParallelToolUse: true },
      openai: { parallelToolCalls: false },
      openaiCompatible: { parallel_tool_calls: false },
    });
  });
});

describe('messages of a chat completion', () => {
  it('of the system are one for each part, wherever they stand', () => {
    const parts = [
      { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'b', prompt_cache_breakpoint: { mode: 'explicit' } },
    ];
    expect(promptOf({ role: 'developer', content: parts }, USER, { role: 'system', content: 'c' })).toEqual([
      {
        role: 'system',
        content: 'a',
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral', ttl: '1h' } } },
      },
      { role: 'system', content: 'b' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'system', content: 'c' },
    ]);
  });

  it('are said under the names of their speakers', () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } };
    const parts = [
      { type: 'text', text: '' },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(
      promptOf(
        { role: 'system', name: 'host', content: parts },
        { role: 'user', name: 'ann', content: [picture, ...parts] },
        { role: 'user', name: 'bob', content: [picture] },
        { role: 'user', name: 'cyd', content: '' },
        { role: 'assistant', name: 'planner', content: null, tool_calls: [CALL] },
        { role: 'tool', tool_call_id: 'c1', content: 'rain' },
        { role: 'assistant', name: 'planner', content: 'It rains.' },
        { role: 'assistant', name: '', content: null, refusal: 'No.' },
        { role: 'assistant', name: 'critic', content: null, refusal: 'No.' },
      ),
    ).toEqual([
      { role: 'system', content: 'host: a' },
      { role: 'system', content: 'b' },
      { role: 'user', content: [file, { type: 'text', text: 'ann: a' }, { type: 'text', text: 'b' }] },
      { role: 'user', content: [{ type: 'text', text: 'bob:' }, file] },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bonn' } }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'text', value: 'rain' } },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'planner: It rains.' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'No.' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'critic: No.' }] },
    ]);
  });

  it('leave out what is empty: Anthropic refuses it', () => {
    const empty = { type: 'text', text: '', cache_control: { type: 'ephemeral' } };
    expect(
      promptOf(
        { role: 'system', content: '' },
        { role: 'developer', content: [empty, { type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: '' },
        { role: 'user', content: [empty, { type: 'text', text: 'Hi' }] },
        { role: 'assistant', content: [{ type: 'text', text: '' }], tool_calls: [CALL] },
        { role: 'tool', tool_call_id: 'c1', content: [empty, { type: 'text', text: 'rain' }] },
        { role: 'user', content: [empty] },
      ),
    ).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bonn' } }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'text', value: 'rain' } },
        ],
      },
    ]);
  });

  it('keep an empty one that an answer is asked by', () => {
    const answer = { role: 'assistant', content: 'Yes.' };
    expect(promptOf(USER, answer, { role: 'user', content: '' }, { role: 'user', content: '' }).at(-1)).toEqual({
      role: 'user',
      content: [{ type: 'text', text: '' }],
    });
    expect(promptOf({ role: 'user', content: '' })).toHaveLength(1);
  });

  it.each<[string, JsonValue, unknown]>([
    [
      'a picture inline, under the registered name of its kind',
      { type: 'image_url', image_url: { url: 'data:image/jpg;base64,/9j/4A==', detail: 'low' } },
      { type: 'file', mediaType: 'image/jpeg', data: { type: 'data', data: '/9j/4A==' } },
    ],
    [
      'a picture somewhere, whose name tells its kind',
      { type: 'image_url', image_url: { url: 'https://x.test/a/b.PNG?c=1' } },
      {
        type: 'file',
        mediaType: 'image/png',
        data: {
          type: 'url',
          url: new URL('https://x.test/a/b.PNG?c=1'),
          originalUrl: 'https://x.test/a/b.PNG?c=1',
        },
      },
    ],
    [
      'a picture somewhere, of a kind that nobody tells',
      { type: 'image_url', image_url: { url: 'https://x.test/picture' } },
      {
        type: 'file',
        mediaType: 'image',
        data: { type: 'url', url: new URL('https://x.test/picture'), originalUrl: 'https://x.test/picture' },
      },
    ],
    [
      "a picture somewhere, with an ending that is no picture's",
      { type: 'image_url', image_url: { url: 'https://x.test/a.pdf' } },
      {
        type: 'file',
        mediaType: 'image',
        data: { type: 'url', url: new URL('https://x.test/a.pdf'), originalUrl: 'https://x.test/a.pdf' },
      },
    ],
    [
      'sound',
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
      { type: 'file', mediaType: 'audio/mpeg', data: { type: 'data', data: 'AAAA' } },
    ],
    [
      'a file',
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
      { type: 'file', filename: 'a.pdf', mediaType: 'application/pdf', data: { type: 'data', data: 'JVBERi0=' } },
    ],
  ])('of the user: %s', (_what, part, expected) => {
    expect(partsOf({ type: 'text', text: 'See:' }, part)).toEqual([{ type: 'text', text: 'See:' }, expected]);
  });

  it('read calls and their results, of one turn together', () => {
    const calls = [CALL, { id: 'c2', function: { name: 'now', arguments: '', parsed_arguments: {} } }];
    const prompt = promptOf(
      USER,
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'c2', content: 'noon' },
      {
        role: 'tool',
        tool_call_id: 'c1',
        name: 'weather',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
      USER,
      {
        role: 'assistant',
        content: 'So.',
        refusal: null,
        annotations: [{ type: 'url_citation' }],
        audio: null,
        parsed: { a: 1 },
        reasoning_details: [{ type: 'reasoning.text', text: '' }],
      },
    );
    expect(prompt.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bonn' } },
          { type: 'tool-call', toolCallId: 'c2', toolName: 'now', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c2', toolName: 'now', output: { type: 'text', value: 'noon' } },
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'weather',
            output: {
              type: 'content',
              value: [
                { type: 'text', text: 'a' },
                { type: 'text', text: 'b' },
              ],
            },
          },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'So.' }] },
    ]);
  });

  const called = (text: string): JsonObject => ({
    role: 'assistant',
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: text } }],
  });

  it.each(['{"id":12345678901234567890}', `{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`])(
    'refuse arguments that would not arrive as they are, or at all: %#',
    (text) => {
      expect(refusalOf(OPENAI_CHAT, { messages: [called(text)] }).code).toMatch(/^(invalid_request|unsafe_json)$/);
    },
  );

  it.each(['{"broken":', '[1]'])('pass on arguments that are no plain object: %s', (text) => {
    const [message] = promptOf(called(text));
    expect(message?.content).toEqual([{ type: 'tool-call', toolCallId: 'c', toolName: 'f', input: text }]);
  });

  it.each<[string, JsonObject, unknown[]]>([
    ['as DeepSeek names them', { reasoning_content: 'Hm.' }, [{ type: 'reasoning', text: 'Hm.' }]],
    ['as others do', { reasoning: 'Hm.' }, [{ type: 'reasoning', text: 'Hm.' }]],
    [
      'with details, which say more',
      {
        reasoning_content: 'Hm.So.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm.', signature: 's1', index: 0 },
          { type: 'reasoning.encrypted', data: 'd', format: 'anthropic-claude-v1', index: 1 },
          { type: 'reasoning.text', text: 'So.', signature: 's2', format: 'google-gemini-v1', index: 2 },
          { type: 'reasoning.text', text: 'Unsealed.', format: 'unknown', signature: null },
          { type: 'reasoning.summary', summary: 'In short.', format: 'openai-responses-v1' },
        ],
      },
      [
        { type: 'reasoning', text: 'Hm.', providerOptions: { anthropic: { signature: 's1' } } },
        { type: 'reasoning', text: '', providerOptions: { anthropic: { redactedData: 'd' } } },
        { type: 'reasoning', text: 'So.', providerOptions: { google: { thoughtSignature: 's2' } } },
        { type: 'reasoning', text: 'Unsealed.' },
        { type: 'reasoning', text: 'In short.' },
      ],
    ],
  ])('read thoughts %s', (_how, fields, thoughts) => {
    const [message] = promptOf({ role: 'assistant', content: 'Yes.', ...fields });
    expect(message?.content).toEqual([...thoughts, { type: 'text', text: 'Yes.' }]);
  });

  it.each<[string, JsonObject, unknown[]]>([
    [
      'in words, without the seal',
      { reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', signature: 's', format: 'xai-responses-v1' }] },
      [{ type: 'reasoning', text: 'Hm.' }],
    ],
    [
      'in the words beside them',
      {
        reasoning_content: 'Hm.',
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', format: 'openai-responses-v1', id: 'rs_1' }],
      },
      [{ type: 'reasoning', text: 'Hm.' }],
    ],
    [
      'not at all, where there are no words',
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', format: 'openai-responses-v1', id: 'rs_1' }] },
      [],
    ],
  ])('tell thoughts that another provider sealed %s', (_how, fields, thoughts) => {
    const [message] = promptOf({ role: 'assistant', content: 'Yes.', ...fields });
    expect(message?.content).toEqual([...thoughts, { type: 'text', text: 'Yes.' }]);
  });

  it('read a refusal as what was said, and leave out a message that says nothing', () => {
    const refused = { role: 'assistant', content: null, refusal: 'I cannot.' };
    const inParts = { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] };
    expect(promptOf(refused, inParts, { role: 'assistant', content: '' }, USER)).toEqual([
      { role: 'assistant', content: [{ type: 'text', text: 'I cannot.' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'No.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ]);
  });
});

const message = (fields: JsonObject): JsonObject => ({ messages: [USER, { role: 'user', content: 'x', ...fields }] });
const part = (value: JsonObject): JsonObject => ({ messages: [{ role: 'user', content: [value] }] });
const said = (fields: JsonObject): JsonObject => ({ messages: [{ role: 'assistant', content: 'x', ...fields }] });

it('has a field for each name that messages use', () => {
  const fields = Object.values(OPENAI_CHAT.fieldNames).map((name) => name.split('.')[0] ?? '');
  expect(Object.keys(REQUEST.shape)).toEqual(expect.arrayContaining(fields));
});

describe('a 400 names what another provider cannot be asked', () => {
  it.each<[string, JsonObject]>([
    ['unheard_of', { unheard_of: 1 }],
    ['n', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['logit_bias.50256', { logit_bias: { '50256': -100 } }],
    ['modalities[0]', { modalities: ['audio'] }],
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['web_search_options', { web_search_options: {} }],
    ['verbosity', { verbosity: 'lavish' }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['function_call', { function_call: 'auto' }],
    ['moderation', { moderation: { model: 'm' } }],
    ['reasoning_effort', { reasoning_effort: 'utmost' }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 6 }],
    ['response_format.type', { response_format: { type: 'grammar' } }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'sql' } }] }],
    ['tools[0].function.x', { tools: [{ type: 'function', function: { name: 'f', x: 1 } }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'other' } } }],
    ['tool_choice.type', { tools: [TOOL], tool_choice: { type: 'custom', custom: { name: 'sql' } } }],
    ['tool_choice.mode', { tools: [TOOL], tool_choice: 'sometimes' }],
    ['messages[1].role', message({ role: 'function' })],
    ['messages[1].tool_call_id', message({ role: 'tool', tool_call_id: 'c9' })],
    ['messages[0].content[0].type', part({ type: 'video_url', video_url: { url: 'https://x.test/a.mp4' } })],
    ['messages[0].content[0].file.file_id', part({ type: 'file', file: { file_id: 'file-1' } })],
    ['messages[0].content[0].image_url.url', part({ type: 'image_url', image_url: { url: 'file:///etc/passwd' } })],
    ['messages[0].content[0].image_url.url', part({ type: 'image_url', image_url: { url: 'data:image/png,no' } })],
    [
      'messages[0].content[0].input_audio.format',
      part({ type: 'input_audio', input_audio: { data: 'AA==', format: 'flac' } }),
    ],
    ['messages[0].audio', said({ audio: { id: 'a' } })],
    ['messages[0].function_call', said({ function_call: { name: 'f', arguments: '' } })],
    [
      'messages[0].tool_calls[0].type',
      said({ tool_calls: [{ id: 'c', type: 'custom', custom: { name: 's', input: '' } }] }),
    ],
  ])('%s', (param, body) => {
    const refused = refusalOf(OPENAI_CHAT, { messages: [USER], ...body });
    expect(refused).toMatchObject({ param, code: 'invalid_request' });
    expect(refused.message.startsWith(`${param} `)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['messages', { messages: 'Hi' }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 5 }] }],
    ['messages[0].content[0].text', { messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] }],
    ['temperature', { temperature: '0.5' }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['seed', { seed: 'x' }],
    ['stop[1]', { stop: ['a', 5] }],
    ['tools', { tools: {} }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }],
    ['parallel_tool_calls', { parallel_tool_calls: 'no' }],
    ['metadata.a', { metadata: { a: 1 } }],
  ])('%s, which is of a wrong type', (param, fields) => {
    expect(refusalOf(OPENAI_CHAT, { messages: [USER], ...fields }).param).toBe(param);
  });

  it('cuts off a name without end', () => {
    expect(refusalOf(OPENAI_CHAT, { messages: [USER], ['x'.repeat(5_000)]: 1 }).param).toBe('x'.repeat(200));
  });

  it('says what would do', () => {
    expect(refusalOf(OPENAI_CHAT, message({ content: 5 })).message).toBe(
      'messages[1].content must be a string or an array of parts.',
    );
    expect(refusalOf(OPENAI_CHAT, { messages: [USER], seed: 1.5 }).message).toBe('seed must be of type integer.');
    expect(refusalOf(OPENAI_CHAT, { messages: [USER], n: 2 }).message).toBe(
      'n has no counterpart at the provider that this request goes to, unless it is 1.',
    );
  });

  it('never says what the field holds', () => {
    expect(refusalOf(OPENAI_CHAT, { messages: [USER], verbosity: 'secret' }).message).not.toContain('secret');
    expect(
      refusalOf(OPENAI_CHAT, part({ type: 'image_url', image_url: { url: 'ftp://secret' } })).message,
    ).not.toContain('secret');
  });
});
