import type { JsonObject, JsonValue } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../test/support/surface-rules.ts';
import type { ModelCall } from '../surface.port.ts';
import { readRequest } from './read-request.ts';
import { REQUEST } from './request-schema.ts';
import { RESPONSES } from './surface.ts';
import { sealedText } from './seal-text.ts';

const TOOL: JsonObject = {
  type: 'function',
  name: 'weather',
  parameters: { type: 'object' },
  strict: true,
  defer_loading: false,
};
const CALL: JsonObject = {
  type: 'function_call',
  id: 'fc_1',
  status: 'completed',
  call_id: 'c1',
  name: 'weather',
  arguments: '{"city":"Bonn"}',
};

function call(fields: JsonObject): ModelCall {
  return readRequest({ model: 'm', input: 'Hi', ...fields });
}

function promptOf(...input: JsonValue[]): ModelCall['prompt'] {
  return readRequest({ input }).prompt;
}

/** The field that a refusal names, and its message. */
describe('settings of a response', () => {
  it.each<[string, JsonObject, Partial<ModelCall>]>([
    ['max_output_tokens', { max_output_tokens: 5 }, { maxOutputTokens: 5 }],
    ['temperature 0', { temperature: 0 }, { temperature: 0 }],
    ['top_p', { top_p: 0.5 }, { topP: 0.5 }],
    ['effort', { reasoning: { effort: 'high' } }, { reasoning: 'high' }],
    [
      'thoughts to be told',
      { reasoning: { effort: null, summary: 'auto' } },
      { providerOptions: { google: { thinkingConfig: { includeThoughts: true } } } },
    ],
    [
      'thoughts to be told, by the older name',
      { reasoning: { generate_summary: 'detailed' } },
      { providerOptions: { google: { thinkingConfig: { includeThoughts: true } } } },
    ],
    ['no thoughts to be told, in words', { reasoning: { summary: 'none' } }, {}],
    ['no thoughts to be told', { reasoning: { effort: 'none', summary: 'auto' } }, { reasoning: 'none' }],
    ['text', { text: { format: { type: 'text' } } }, {}],
    ['verbosity', { text: { verbosity: 'high' } }, { providerOptions: { openai: { textVerbosity: 'high' } } }],
    ['JSON', { text: { format: { type: 'json_object' } } }, { responseFormat: { type: 'json' } }],
    [
      'a schema, strict',
      { text: { format: { type: 'json_schema', name: 'n', description: 'd', schema: {}, strict: true } } },
      { responseFormat: { type: 'json', name: 'n', description: 'd', schema: {} } },
    ],
    [
      'a schema, as a wish, with one call at a time',
      {
        text: { format: { type: 'json_schema', name: 'n', schema: {} } },
        tools: [TOOL],
        parallel_tool_calls: false,
      },
      {
        responseFormat: { type: 'json', name: 'n', schema: {} },
        tools: [{ type: 'function', name: 'weather', inputSchema: { type: 'object' }, strict: true }],
        providerOptions: {
          anthropic: { disableParallelToolUse: true },
          openai: { strictJsonSchema: false, parallelToolCalls: false },
          openaiCompatible: { strictJsonSchema: false, parallel_tool_calls: false },
        },
      },
    ],
  ])('%s', (_what, fields, expected) => {
    expect(call(fields)).toEqual({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }], ...expected });
  });

  it.each<[string, JsonObject]>([
    ['how it comes', { stream: true, stream_options: { include_obfuscation: false }, background: false }],
    ['labels', { metadata: { a: 'b' }, user: 'u', safety_identifier: 's', store: false }],
    ['more of what comes anyway', { include: ['reasoning.encrypted_content', 'web_search_call.action.sources'] }],
    ['a bound on tools that are not there', { max_tool_calls: 3 }],
    ['what OpenAI keeps, and what it costs', { store: true, service_tier: 'priority' }],
    ['what OpenAI cuts off', { truncation: 'auto' }],
    ['labels of Codex', { client_metadata: { 'x-codex-installation-id': 'a' } }],
    ['the usual', { truncation: 'disabled', service_tier: 'default', top_logprobs: 0, prompt_cache_key: 'k' }],
    ['the usual thoughts', { reasoning: { context: 'auto', mode: 'standard' } }],
    ['thoughts of OpenAI', { reasoning: { context: 'all_turns' } }],
    ['null', { previous_response_id: null, conversation: null, prompt: null, instructions: null, tools: null }],
  ])('cannot change the answer: %s', (_what, fields) => {
    expect(call(fields)).toEqual(call({}));
  });

  it('offers a tool that takes a text as a function of one, with its grammar in words', () => {
    const definition = 'start: "x"';
    const { tools, toolChoice } = call({
      tools: [
        TOOL,
        {
          type: 'custom',
          name: 'patch',
          description: 'Patches.',
          format: { type: 'grammar', syntax: 'lark', definition },
        },
        { type: 'custom', name: 'digits', format: { type: 'grammar', syntax: 'regex', definition: '[0-9]+' } },
        { type: 'custom', name: 'note', format: { type: 'text' }, cache_control: { type: 'ephemeral' } },
      ],
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: ['patch', 'digits', 'note'].map((name) => ({ type: 'custom', name })),
      },
    });
    const inputSchema = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };
    const isartor = { freeform: true };
    expect(toolChoice).toEqual({ type: 'required' });
    expect(tools).toMatchObject([
      {
        name: 'patch',
        description: `Patches.\n\nThe input must match this Lark grammar:\n${definition}`,
        inputSchema,
        providerOptions: { isartor },
      },
      { name: 'digits', description: 'The input must match this regular expression:\n[0-9]+' },
      { name: 'note', providerOptions: { isartor, anthropic: { cacheControl: { type: 'ephemeral' } } } },
    ]);
    expect(tools?.[2]).not.toHaveProperty('description');
    const patch = { type: 'custom', name: 'patch' };
    expect(call({ tools: [patch], tool_choice: patch }).toolChoice).toEqual({ type: 'tool', toolName: 'patch' });
  });

  it.each<[JsonValue, unknown]>([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', name: 'weather' },
      { type: 'tool', toolName: 'weather' },
    ],
    [{ type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'weather' }] }, { type: 'auto' }],
  ])('choice %j', (tool_choice, toolChoice) => {
    const { tools, toolChoice: read } = call({ tools: [TOOL, { type: 'function', name: 'other' }], tool_choice });
    expect(read).toEqual(toolChoice);
    expect(tools).toHaveLength(typeof tool_choice === 'object' && 'tools' in Object(tool_choice) ? 1 : 2);
  });
});

describe('the input of a response', () => {
  it('is a conversation after the instructions', () => {
    expect(
      readRequest({
        instructions: 'Be brief.',
        input: [
          { role: 'developer', content: [{ type: 'input_text', text: 'a' }] },
          { type: 'message', role: 'assistant', content: '' },
          { type: 'message', role: 'user', content: 'b' },
          {
            type: 'message',
            role: 'assistant',
            id: 'msg_1',
            status: 'completed',
            phase: 'final_answer',
            content: [
              { type: 'output_text', text: '' },
              { type: 'output_text', text: 'c', annotations: [], logprobs: [], parsed: {} },
              { type: 'refusal', refusal: 'd' },
            ],
          },
        ],
      }).prompt,
    ).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'system', content: 'a' },
      { role: 'user', content: [{ type: 'text', text: 'b' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'c' },
          { type: 'text', text: 'd' },
        ],
      },
    ]);
  });

  it('tells the calls of a tool that takes a text as those of the function that stands for it', () => {
    const content = [{ type: 'input_text', text: 'Done.' }];
    expect(
      promptOf(
        { type: 'custom_tool_call', id: 'ctc_1', status: 'completed', call_id: 'c1', name: 'patch', input: '{"a' },
        { type: 'custom_tool_call_output', call_id: 'c1', output: content },
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'patch', input: { input: '{"a' } }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'patch', output: { type: 'text', value: 'Done.' } },
        ],
      },
    ]);
  });

  it('leaves out what is empty: Anthropic refuses it', () => {
    const empty = { type: 'input_text', text: '' };
    const said = (text: string): JsonObject => ({ type: 'input_text', text });
    expect(
      readRequest({
        instructions: '',
        input: [
          { role: 'developer', content: '' },
          { role: 'developer', content: [empty, said('Be brief.')] },
          { role: 'user', content: '' },
          { role: 'user', content: [empty, said('Hi')] },
          CALL,
          { type: 'function_call_output', call_id: 'c1', output: [empty, said('rain')] },
          { role: 'user', content: [empty] },
        ],
      }).prompt,
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

  it('holds pictures and files, inline and elsewhere', () => {
    const content = [
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low', file_id: null },
      { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'r.pdf' },
      { type: 'input_file', file_url: 'https://x.test/a.pdf' },
    ];
    expect(promptOf({ role: 'user', content })[0]?.content).toEqual([
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'iVBORw0KGgo=' } },
      { type: 'file', filename: 'r.pdf', mediaType: 'application/pdf', data: { type: 'data', data: 'JVBERi0=' } },
      {
        type: 'file',
        mediaType: 'application/pdf',
        data: { type: 'url', url: new URL('https://x.test/a.pdf'), originalUrl: 'https://x.test/a.pdf' },
      },
    ]);
  });

  it('joins what was said in one turn, and what its calls came to', () => {
    const second = { ...CALL, call_id: 'c2', name: 'now', arguments: '' };
    const picture = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' };
    expect(
      promptOf(
        { role: 'user', content: 'Hi' },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }] },
        { role: 'assistant', content: 'Let me see.' },
        CALL,
        { ...second, parsed_arguments: {}, namespace: null },
        { type: 'function_call_output', call_id: 'c1', output: 'rain' },
        { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'noon' }, picture] },
      ).slice(1),
    ).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bonn' } },
          { type: 'tool-call', toolCallId: 'c2', toolName: 'now', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'text', value: 'rain' } },
          {
            type: 'tool-result',
            toolCallId: 'c2',
            toolName: 'now',
            output: {
              type: 'content',
              value: [
                { type: 'text', text: 'noon' },
                { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } },
              ],
            },
          },
        ],
      },
    ]);
  });

  it('gives thoughts their seal back, whoever told them in full', () => {
    const seal = { format: 'anthropic-claude-v1', signature: 's' } as const;
    const [message] = promptOf(
      {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'In short.' }],
        content: [{ type: 'reasoning_text', text: 'In full.' }],
        encrypted_content: sealedText({ on: 'thoughts', seal }),
      },
      { type: 'reasoning', summary: [], encrypted_content: null },
      {
        type: 'reasoning',
        summary: [],
        encrypted_content: sealedText({ on: 'thoughts', seal: { format: 'anthropic-claude-v1', redacted: 'd' } }),
      },
    );
    expect(message?.content).toEqual([
      { type: 'reasoning', text: 'In full.', providerOptions: { anthropic: { signature: 's' } } },
      { type: 'reasoning', text: '', providerOptions: { anthropic: { redactedData: 'd' } } },
    ]);
  });

  const LATER_SEAL = sealedText({ on: 'thoughts', seal: { format: 'anthropic-claude-v1', signature: 's' } });

  it.each(['gAAAAABo', 'isartor.v1.bm8', LATER_SEAL.replace('v1', 'v9')])(
    'tells thoughts that another sealed in words, or not at all: %s',
    (encrypted_content) => {
      const summary = [{ type: 'summary_text', text: 'In short.' }];
      const sealed = { type: 'reasoning', id: 'rs_1', content: null, encrypted_content };
      expect(promptOf({ ...sealed, summary }, { ...sealed, summary: [] }, CALL)).toEqual([
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'In short.' },
            { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bonn' } },
          ],
        },
      ]);
    },
  );

  it('gives calls and texts theirs, but not to what the client left out', () => {
    const seal = { format: 'google-gemini-v1', signature: 's' } as const;
    const sealed = (on: Parameters<typeof sealedText>[0]['on']): JsonObject => {
      return { type: 'reasoning', summary: [], encrypted_content: sealedText({ on, seal }) };
    };
    const signed = { providerOptions: { google: { thoughtSignature: 's' } } };
    const [message] = promptOf(
      { role: 'assistant', content: [{ type: 'input_text', text: 'So.', cache_control: { type: 'ephemeral' } }] },
      CALL,
      sealed({ call: 'c1' }),
      sealed('text'),
      sealed({ call: 'c9' }),
    );
    expect(message?.content).toEqual([
      {
        type: 'text',
        text: 'So.',
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } }, ...signed.providerOptions },
      },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Bonn' }, ...signed },
    ]);
  });
});

const part = (value: JsonObject): JsonObject => ({ input: [{ role: 'user', content: [value] }] });
const item = (value: JsonObject): JsonObject => ({ input: [value] });

it('has a field for each name that messages use', () => {
  const fields = Object.values(RESPONSES.fieldNames).map((name) => name.split('.')[0] ?? '');
  expect(Object.keys(REQUEST.shape)).toEqual(expect.arrayContaining(fields));
});

it('says how to send items that are referred to', () => {
  expect(refusalOf(RESPONSES, item({ type: 'item_reference', id: 'msg_1' })).message).toContain(
    'providerOptions: { openai: { store: false } }',
  );
});

describe('a 400 names what another provider cannot be asked', () => {
  it.each<[string, JsonObject]>([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['background', { background: true }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['context_management', { context_management: [] }],
    ['moderation', { moderation: { model: 'm' } }],
    ['access_programs', { access_programs: {} }],
    ['include[0]', { include: ['message.output_text.logprobs'] }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['truncation', { truncation: 'middle' }],
    ['text.verbosity', { text: { verbosity: 'lavish' } }],
    ['text.format.type', { text: { format: { type: 'grammar' } } }],
    ['reasoning.effort', { reasoning: { effort: 'utmost' } }],
    ['reasoning.mode', { reasoning: { mode: 'pro' } }],
    ['stop', { stop: ['END'] }],
    ['tools[0].type', { tools: [{ type: 'web_search' }] }],
    ['tools[0].defer_loading', { tools: [{ ...TOOL, defer_loading: true }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools: [TOOL], tool_choice: { type: 'function', name: 'other' } }],
    ['tool_choice.type', { tools: [TOOL], tool_choice: { type: 'web_search' } }],
    ['input[0].id', item({ type: 'item_reference', id: 'msg_1' })],
    ['input[0].type', item({ type: 'web_search_call', id: 'ws_1', status: 'completed' })],
    ['input[0].role', item({ role: 'critic', content: 'x' })],
    ['input[0].call_id', item({ type: 'function_call_output', call_id: 'c9', output: '' })],
    ['input[0].call_id', item({ type: 'custom_tool_call_output', call_id: 'c9', output: '' })],
    [
      'tools[0].format.syntax',
      { tools: [{ type: 'custom', name: 'n', format: { type: 'grammar', syntax: 'ebnf', definition: '' } }] },
    ],
    ['input[0].namespace', item({ ...CALL, namespace: 'n' })],
    ['input[0].content[0].type', part({ type: 'input_audio', input_audio: {} })],
    ['input[0].content[0].file_id', part({ type: 'input_image', file_id: 'file_1' })],
    ['input[0].content[0].file_id', part({ type: 'input_file', file_id: 'file_1' })],
    ['input[0].content[0].file_data', part({ type: 'input_file', filename: 'a.pdf' })],
    ['input[0].content[0].image_url', part({ type: 'input_image', image_url: 'no URL' })],
    ['temperature', { temperature: '1' }],
    ['instructions', { instructions: [] }],
    ['input', { input: 5 }],
    ['input[0]', { input: [5] }],
  ])('%s', (param, body) => {
    const refused = refusalOf(RESPONSES, { input: 'Hi', ...body });
    expect(refused).toMatchObject({ param, code: 'invalid_request' });
    expect(refused.message.startsWith(`${param} `)).toBe(true);
  });
});
