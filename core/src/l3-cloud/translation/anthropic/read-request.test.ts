import type { JsonObject, JsonValue } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../test/support/surface-rules.ts';
import type { ModelCall } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { REQUEST } from './request-schema.ts';
import { ANTHROPIC_MESSAGES } from './surface.ts';

const USER: JsonObject = { role: 'user', content: 'Hi' };
const HI = { role: 'user', content: [{ type: 'text', text: 'Hi' }] };
const TOOL: JsonObject = { name: 'weather', input_schema: { type: 'object' } };
const CALL: JsonObject = { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Bonn' } };
const SCHEMA: JsonObject = { type: 'object', properties: {} };

const call = (fields: JsonObject): ModelCall => readRequest({ model: 'm', max_tokens: 9, messages: [USER], ...fields });
const promptOf = (...messages: JsonValue[]): ModelCall['prompt'] => call({ messages }).prompt;

describe('settings of a request for a message', () => {
  it.each<[string, JsonObject, Partial<ModelCall>]>([
    ['sampling', { temperature: 0.5, top_p: 0.9, top_k: 40 }, { temperature: 0.5, topP: 0.9, topK: 40 }],
    ['stops', { stop_sequences: ['END'] }, { stopSequences: ['END'] }],
    ['no stops', { stop_sequences: [] }, {}],
    [
      'a form',
      { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
      { responseFormat: { type: 'json', schema: SCHEMA } },
    ],
    [
      'a form, by its old name',
      { output_format: { type: 'json_schema', schema: SCHEMA } },
      { responseFormat: { type: 'json', schema: SCHEMA } },
    ],
    ['an effort', { output_config: { effort: 'high' } }, { reasoning: 'high' }],
    ['no thoughts', { thinking: { type: 'disabled' }, temperature: 1 }, { temperature: 1 }],
  ])('%s', (_what, fields, expected) => {
    expect(call(fields)).toEqual({ prompt: [HI], maxOutputTokens: 9, ...expected });
  });

  it.each<[number, string]>([
    [1_024, 'low'],
    [8_192, 'medium'],
    [8_193, 'high'],
  ])(
    'thoughts of %i tokens are %s effort, at any rate the usual temperature, and are shown',
    (budget_tokens, reasoning) => {
      const thinking = { type: 'enabled', budget_tokens };
      expect(call({ thinking, temperature: 1 })).toEqual({
        prompt: [HI],
        maxOutputTokens: 9,
        reasoning,
        providerOptions: { google: { thinkingConfig: { includeThoughts: true } } },
      });
      expect(call({ thinking, output_config: { effort: 'max' } }).reasoning).toBe('max');
    },
  );

  it.each<[string, JsonObject]>([
    ['how it comes', { stream: true }],
    ['who asks', { metadata: { user_id: 'u', team: 't' } }],
    ['at which price', { service_tier: 'flex', cache_control: { type: 'ephemeral', ttl: '1h', scope: 'global' } }],
    ['how fast', { speed: 'standard' }],
    ['what is told beside the answer', { diagnostics: { previous_message_id: null } }],
    ['for how much', { output_config: { task_budget: { type: 'tokens', total: 9_000 } } }],
    ['what is trimmed', { context_management: { edits: [{ type: 'clear_tool_uses_20250919', keep: { value: 3 } }] } }],
    ['nothing', { mcp_servers: [], tools: [], temperature: null, container: null }],
  ])('cannot change the answer: %s', (_what, fields) => {
    expect(call(fields)).toEqual(call({}));
  });
});

describe('tools', () => {
  it.each<[JsonObject, unknown]>([
    [{ type: 'auto' }, { type: 'auto' }],
    [{ type: 'none' }, { type: 'none' }],
    [{ type: 'any' }, { type: 'required' }],
    [
      { type: 'tool', name: 'weather' },
      { type: 'tool', toolName: 'weather' },
    ],
  ])('choice %j', (tool_choice, toolChoice) => {
    const tools = [{ type: 'function', name: 'weather', inputSchema: { type: 'object' } }];
    expect(call({ tools: [TOOL], tool_choice })).toMatchObject({ tools, toolChoice });
  });

  it('are the same however they are loaded, kept or shown', () => {
    const more = { defer_loading: false, cache_control: { type: 'ephemeral', scope: 'global' }, input_examples: [{}] };
    expect(call({ tools: [{ ...TOOL, ...more }] })).toEqual(call({ tools: [TOOL] }));
  });

  it('one call at a time', () => {
    const tool_choice = { type: 'auto', disable_parallel_tool_use: true };
    expect(call({ tools: [TOOL], tool_choice }).providerOptions).toMatchObject({
      openai: { parallelToolCalls: false },
    });
  });
});

describe('a conversation', () => {
  it('is told before it: a text, or several', () => {
    const system = [
      { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Be kind.' },
    ];
    expect(call({ system }).prompt).toEqual([{ role: 'system', content: 'Be brief.\nBe kind.' }, HI]);
    expect(call({ system: 'Be brief.' }).prompt[0]).toEqual({ role: 'system', content: 'Be brief.' });
  });

  it('has pictures and documents', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AA==' };
    const at = { type: 'url', url: 'https://a.test/b.pdf' };
    const content = [
      { type: 'image', source },
      { type: 'document', source: at, title: 'b' },
    ];
    expect(promptOf({ role: 'user', content })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } },
          { type: 'file', mediaType: 'application/pdf', data: { type: 'url', url: new URL(at.url) }, filename: 'b' },
        ],
      },
    ]);
  });

  it('has documents of words alone as texts, their titles first', () => {
    const encoded = (data: Buffer, media_type: string): JsonObject => ({
      type: 'document',
      source: { type: 'base64', media_type, data: data.toString('base64') },
    });
    const source = { type: 'text', media_type: 'text/plain', data: 'words' };
    const bytes = Buffer.from([0xff, 0xfe]);
    const content = [
      { type: 'document', source },
      { type: 'document', source, title: 'notes.txt', citations: { enabled: false } },
      { ...encoded(Buffer.from('# Grüße'), 'text/markdown'), title: 'a.md' },
      encoded(bytes, 'text/plain'),
    ];
    expect(promptOf({ role: 'user', content })[0]?.content).toEqual([
      { type: 'text', text: 'words' },
      { type: 'text', text: 'notes.txt\n\nwords' },
      { type: 'text', text: 'a.md\n\n# Grüße' },
      { type: 'file', mediaType: 'text/plain', data: { type: 'data', data: bytes.toString('base64') } },
    ]);
  });

  it('has calls and what came of them, before what the user says', () => {
    const results = [
      { type: 'tool_result', tool_use_id: 't1', content: 'sunny' },
      { type: 'tool_result', tool_use_id: 't2', content: [{ type: 'text', text: 'no such city' }], is_error: true },
      { type: 'text', text: 'And?' },
    ];
    const calls = [{ type: 'text', text: 'Let me see.' }, CALL, { ...CALL, id: 't2' }];
    const prompt = promptOf(USER, { role: 'assistant', content: calls }, { role: 'user', content: results });
    const result = { type: 'tool-result', toolName: 'weather' };
    expect(prompt.slice(2)).toEqual([
      {
        role: 'tool',
        content: [
          { ...result, toolCallId: 't1', output: { type: 'text', value: 'sunny' } },
          { ...result, toolCallId: 't2', output: { type: 'error-text', value: 'no such city' } },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
    ]);
  });
});

it('tells a system’s word in the middle in its place, behind what tools gave', () => {
  const result = { type: 'tool_result', tool_use_id: 't1', content: 'sunny' };
  const told = (...texts: string[]): JsonObject => ({
    role: 'system',
    content: texts.map((text) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } })),
  });
  const turns = [USER, { role: 'assistant', content: [CALL] }, { role: 'user', content: [result] }];
  const prompt = promptOf(...turns, told('Be brief.', 'Be kind.'), { role: 'system', content: 'Now.' });
  expect(prompt.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'system', 'system', 'system']);
  expect(prompt.slice(3).map(({ content }) => content)).toEqual(['Be brief.', 'Be kind.', 'Now.']);
});

it('leaves out texts that are empty, and turns with nothing else', () => {
  const empty = { type: 'text', text: '' };
  const result = { type: 'tool_result', tool_use_id: 't1', content: [empty, { type: 'text', text: 'sunny' }] };
  const { prompt } = call({
    system: [empty, { type: 'text', text: 'Be brief.' }, empty],
    messages: [
      { role: 'user', content: '' },
      { role: 'user', content: [empty, { type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: '' }, empty] },
      { role: 'assistant', content: [{ type: 'thinking', thinking: '', signature: 's' }, CALL] },
      { role: 'user', content: [result, empty] },
      { role: 'system', content: '' },
    ],
  });
  expect(prompt).toEqual([
    { role: 'system', content: 'Be brief.' },
    HI,
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: '', providerOptions: { anthropic: { signature: 's' } } },
        { type: 'tool-call', toolCallId: 't1', toolName: 'weather', input: { city: 'Bonn' } },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', toolCallId: 't1', toolName: 'weather', output: { type: 'text', value: 'sunny' } },
      ],
    },
  ]);
});

describe('what a tool could not do', () => {
  const PNG = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } };
  const FILE = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AA==' } };
  it.each<[string, JsonValue[], unknown[]]>([
    [
      'several texts',
      [
        { type: 'text', text: 'no such city' },
        { type: 'text', text: 'try Bonn' },
      ],
      [
        { type: 'text', text: 'Error: no such city' },
        { type: 'text', text: 'try Bonn' },
      ],
    ],
    [
      'a picture and a text',
      [PNG, { type: 'text', text: 'as seen' }],
      [FILE, { type: 'text', text: 'Error: as seen' }],
    ],
    ['a picture', [PNG], [{ type: 'text', text: 'Error:' }, FILE]],
  ])('is said in words: %s', (_what, content, value) => {
    const result = { type: 'tool_result', tool_use_id: 't1', content, is_error: true };
    const prompt = promptOf(USER, { role: 'assistant', content: [CALL] }, { role: 'user', content: [result] });
    expect(prompt[2]?.content).toMatchObject([{ output: { type: 'content', value } }]);
  });
});

describe('what has no counterpart is named', () => {
  const message = (content: JsonValue): JsonObject => ({ messages: [USER, { role: 'user', content }] });
  it.each<[string, JsonObject]>([
    ['max_tokens', { max_tokens: null }],
    ['temperature', { temperature: 'hot' }],
    ['a_field_of_tomorrow', { a_field_of_tomorrow: 1 }],
    ['container', { container: 'c' }],
    ['tools[0].defer_loading', { tools: [{ ...TOOL, defer_loading: true }] }],
    ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search', input_schema: {} }] }],
    ['tool_choice', { tools: [TOOL], tool_choice: { type: 'tool', name: 'other' } }],
    ['messages[1].content[0].type', message([{ type: 'search_result', source: 's', title: 't', content: [] }])],
    ['messages[1].content[0].source.type', message([{ type: 'image', source: { type: 'file', file_id: 'f' } }])],
    [
      'messages[1].content[0].citations.enabled',
      message([{ type: 'document', source: { type: 'url', url: 'https://a.test/' }, citations: { enabled: true } }]),
    ],
    ['messages[1].content[0].tool_use_id', message([{ type: 'tool_result', tool_use_id: 'x' }])],
    ['messages[1].role', { messages: [USER, { role: 'developer', content: 'x' }] }],
  ])('%s', (param, fields) => {
    expect(refusalOf(ANTHROPIC_MESSAGES, { max_tokens: 9, messages: [USER], ...fields })).toMatchObject({
      param,
      code: 'invalid_request',
    });
  });

  it('says of every field of the neutral form what it is here', () => {
    for (const name of Object.values(ANTHROPIC_MESSAGES.fieldNames)) {
      const [root = ''] = name.split('.');
      expect(Object.keys(REQUEST.shape)).toContain(root);
    }
  });
});
