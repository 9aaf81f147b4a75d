import { describe, expect, test } from 'vitest';
import type { Operation } from '../operation.ts';
import { parseRequest, type RequestHead } from '../request/parse-request.ts';
import { UNCACHEABLE_RULES, uncacheableRule, type UncacheableRule } from './is-cacheable.ts';

const rule = (operation: Operation, body: string, sampled = true) =>
  uncacheableRule(parseRequest(operation, new TextEncoder().encode(body)), { sampled });
const chat = (members: string, sampled = true) =>
  rule('openai.chat', `{"messages":[{"role":"user","content":"hi"}]${members === '' ? '' : `,${members}`}}`, sampled);

/** What is not cached, and its nearest neighbour that is. */
const TABLE: [UncacheableRule, string, string][] = [
  ['store', '"store":true', '"store":false'],
  ['store', '"store":"yes"', '"store":null'],
  ['background', '"background":true', '"background":false'],
  ['conversation', '"conversation":"conv_1"', '"conversation":null'],
  ['conversation', '"conversation":{"id":"conv_1"}', '"conversation":false'],
  ['previous-response', '"previous_response_id":"resp_1"', '"previous_response_id":null'],
  ['hosted-tool', '"tools":[{"type":"mcp"}]', '"tools":[{"type":"function"}]'],
  [
    'hosted-tool',
    '"tools":[{"type":"function"},{"type":"web_search"}]',
    '"tools":[{"type":"function"},{"type":"custom"}]',
  ],
  ['hosted-tool', '"tools":[{"type":"Function"}]', '"tools":[]'],
  ['hosted-tool', '"web_search_options":{}', '"web_search_options":null'],
  ['searching-model', '"model":"gpt-4o-search-preview"', '"model":"gpt-4o"'],
  ['searching-model', '"model":"openai/gpt-4o-mini-search-preview-2025-03-11"', '"model":"gpt-4o-search-previewer"'],
  ['searching-model', '"model":"gpt-5-search-api"', '"model":"research-api-7b"'],
  ['searching-model', '"model":"gpt-5-search-api-2025-10-14"', '"model":"search-api"'],
  ['inexact-number', '"seed":1234567890123456', '"seed":123456789012345'],
  ['inexact-number', '"x":{"y":[1e309]}', '"x":{"y":[1e308]}'],
];

const messages = (members: string, sampled = true) =>
  rule('anthropic.messages', `{"messages":[{"role":"user","content":"hi"}]${members && `,${members}`}}`, sampled);

/** The same of Anthropic's messages. */
const MESSAGES_TABLE: [UncacheableRule, string, string][] = [
  ['container', '"container":"container_1"', '"container":null'],
  ['hosted-tool', '"mcp_servers":[{"type":"url","url":"https://mcp.example"}]', '"mcp_servers":[]'],
  ['hosted-tool', '"tools":[{"type":"web_search_20250305","name":"web_search"}]', '"tools":[{"name":"web_search"}]'],
  ['hosted-tool', '"tools":[{"type":"code_execution_20250825"}]', '"tools":[{"type":"bash_20250124","name":"bash"}]'],
  [
    'hosted-tool',
    '"tools":[{"type":"mcp_toolset"}]',
    '"tools":[{"type":"custom","name":"f"},{"type":null,"name":"g"}]',
  ],
  ['hosted-tool', '"tools":[{"type":"memory_tool"}]', '"tools":[{"type":"memory_20250818"}]'],
  ['hosted-tool', '"tools":[{"type":"advisor_20260301"}]', '"tools":[{"type":"text_editor_20250728"}]'],
  ['inexact-number', '"metadata":{"n":12345678901234567890}', '"metadata":{"n":1}'],
];

const response = (members: string) => rule('openai.responses', `{"input":"hi"${members && `,${members}`}}`);

/** The same of OpenAI's responses. */
const RESPONSES_TABLE: [UncacheableRule, string, string][] = [
  // Left out, the provider keeps the response all the same: its id, which the cache gives again, leads to it.
  ['store', '"store":true', '"temperature":1'],
  ['store', '"store":true', '"store":false'],
  ['background', '"background":true', '"background":null'],
  ['conversation', '"conversation":"conv_1"', '"instructions":"Be short."'],
  ['previous-response', '"previous_response_id":"resp_1"', '"previous_response_id":null'],
  ['prompt', '"prompt":{"id":"pmpt_1"}', '"prompt":null'],
  ['hosted-tool', '"tools":[{"type":"web_search"}]', '"tools":[{"type":"function","name":"f"}]'],
  ['hosted-tool', '"tools":[{"type":"mcp"}]', '"tools":[{"type":"custom","name":"f"}]'],
  ['hosted-tool', '"tools":[{"type":"shell"}]', '"tools":[{"type":"local_shell"}]'],
  ['hosted-tool', '"tools":[{"type":"file_search"}]', '"tools":[{"type":"apply_patch"}]'],
];
const CONTENTS = '"contents":[{"parts":[{"text":"hi"}]}]';
const gemini = (members: string, head: Partial<RequestHead> = {}, sampled = true) =>
  uncacheableRule(
    parseRequest(
      { operation: 'gemini.generate', target: { version: 'v1', model: 'm', method: 'generateContent' }, ...head },
      new TextEncoder().encode(`{${CONTENTS}${members && `,${members}`}}`),
    ),
    { sampled },
  );

/** The same of Gemini's. */
const GEMINI_TABLE: [UncacheableRule, string, string][] = [
  ['cached-content', '"cachedContent":"cachedContents/1"', '"cachedContent":null'],
  ['cached-content', '"cached_content":"cachedContents/1"', '"systemInstruction":{"parts":[]}'],
  ['hosted-tool', '"tools":[{"googleSearch":{}}]', '"tools":[{"functionDeclarations":[]}]'],
  ['hosted-tool', '"tools":[{"functionDeclarations":[],"codeExecution":{}}]', '"tools":[{"function_declarations":[]}]'],
];
const items = (input: string) => rule('openai.responses', `{"input":${input}}`);

describe('a request is not cached', () => {
  test.each(GEMINI_TABLE)("as Gemini's by the rule %s: %s", (expected, members, neighbour) => {
    expect(gemini(members)).toBe(expected);
    expect(gemini(neighbour)).toBeUndefined();
  });

  test("as Gemini's by how it is framed, and by what it samples", () => {
    const target = { version: 'v1', model: 'm', method: 'streamGenerateContent' } as const;
    expect(gemini('', { target })).toBe('framing');
    expect(gemini('', { target, sse: true })).toBeUndefined();
    expect(() => gemini('', { sse: true })).toThrow('streamGenerateContent');
    expect(gemini('', {}, false)).toBe('sampled');
    expect(gemini('"generationConfig":{"temperature":0}', {}, false)).toBeUndefined();
  });

  test.each(RESPONSES_TABLE)("as OpenAI's responses by the rule %s: %s", (expected, members, neighbour) => {
    expect(response(members)).toBe(expected);
    expect(response(neighbour)).toBeUndefined();
  });

  test.each([
    ['[{"type":"item_reference","id":"msg_1"}]', 'previous-response'],
    ['[{"role":"user","content":"hi"},{"id":"msg_1"}]', 'previous-response'],
    ['[{"type":null,"id":"msg_1"}]', 'previous-response'],
    ['[{"type":null,"role":null,"id":"msg_1"}]', 'previous-response'],
    ['[{"type":null,"role":"user","content":"hi"}]', undefined],
    ['[{"type":"reasoning","id":"rs_1"}]', 'previous-response'],
    ['[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null}]', 'previous-response'],
    ['[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"","content":[]}]', 'previous-response'],
    ['[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"sealed"}]', undefined],
    ['[{"type":"reasoning","id":"rs_1","content":[{"type":"reasoning_text","text":"hm"}]}]', undefined],
    ['[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]}]', undefined],
    ['[{"id":"msg_1","role":"assistant","type":"message","content":[]}]', undefined],
    ['[{"role":"user","content":"hi"}]', undefined],
  ])('where its input refers to what only the provider has: %s', (input, expected) => {
    expect(items(input)).toBe(expected);
  });

  test.each(MESSAGES_TABLE)("as Anthropic's messages by the rule %s: %s", (expected, members, neighbour) => {
    expect(messages(members)).toBe(expected);
    expect(messages(neighbour)).toBeUndefined();
  });

  test('by the rule sampled as a message, yet to count its tokens it is', () => {
    expect(messages('', false)).toBe('sampled');
    expect(rule('anthropic.count_tokens', '{"messages":[{"role":"user","content":"hi"}]}', false)).toBeUndefined();
  });

  test.each(TABLE)('by the rule %s: %s', (expected, members, neighbour) => {
    expect(chat(members)).toBe(expected);
    expect(chat(neighbour)).toBeUndefined();
  });

  test.each<[string, string, boolean]>([
    ['without a temperature', '', true],
    ['with temperature null', '"temperature":null', true],
    ['with a temperature above 0', '"temperature":0.01', true],
    ['with temperature 0', '"temperature":0', false],
    ['with temperature -0', '"temperature":-0.0', false],
  ])('by the rule sampled %s: only where the operator wants it so', (_, members, sampled) => {
    expect(chat(members, false)).toBe(sampled ? 'sampled' : undefined);
    expect(chat(members, true)).toBeUndefined();
  });

  test('by the rule sampled as completions or native chat, yet as embeddings it is', () => {
    expect(rule('openai.completions', '{"prompt":"hi"}', false)).toBe('sampled');
    expect(rule('native.chat', '{"prompt":"hi"}', false)).toBe('sampled');
    expect(rule('openai.embeddings', '{"input":"hi"}', false)).toBeUndefined();
  });

  test('by what it asks for, whatever the operation', () => {
    expect(rule('native.chat', '{"prompt":"hi","store":true}')).toBe('store');
    expect(rule('native.chat', '{"prompt":"hi","tools":[{"type":"mcp"}]}')).toBe('hosted-tool');
    expect(rule('openai.completions', '{"prompt":"hi","store":true}')).toBe('store');
  });

  test('by each of the rules', () => {
    expect(
      new Set([...TABLE, ...MESSAGES_TABLE, ...RESPONSES_TABLE, ...GEMINI_TABLE].map(([name]) => name))
        .add('sampled')
        .add('framing'),
    ).toEqual(new Set(UNCACHEABLE_RULES));
  });
});

describe('a request is cached', () => {
  test.each(['', '"temperature":1', '"user":"u"', '"stream":true', '"n":3', '"vendor_field":{"store":true}'])(
    'with %s',
    (members) => {
      expect(chat(members)).toBeUndefined();
    },
  );
});
