import type { Operation } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { UsageTail } from './usage-tail.ts';

const COUNTS = '"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":3}}';
const READ = { input: 11, output: 7, cachedInput: 3 };

function read(...chunks: string[]) {
  return readAs('openai.chat', ...chunks);
}

function readAs(operation: Operation, ...chunks: string[]) {
  const tail = new UsageTail(operation);
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.read();
}

describe('UsageTail', () => {
  it('reads the counts of a plain body, wherever in its end they are and however it was cut', () => {
    const body = `{"id":"a","choices":[{"message":{"content":"hi"}}],${COUNTS},"system_fingerprint":null}`;
    expect(read(body)).toEqual(READ);
    expect(read(...body.split(''))).toEqual(READ);
    expect(read('x'.repeat(1_000_000), body)).toEqual(READ);
  });

  it("reads the counts of a stream's last chunk that has some", () => {
    const none = 'data: {"choices":[{"delta":{"content":"a"}}],"usage":null}\n\n';
    expect(read(none, none, `data: {"choices":[],${COUNTS}}\n\n`, 'data: [DONE]\n\n')).toEqual(READ);
    expect(read(none, none)).toBeNull();
  });

  it('takes no text for counts', () => {
    const said = JSON.stringify({ content: `{${COUNTS}}` });
    expect(read(said)).toBeNull();
    expect(read('{"name":"usage","usage":"none"}')).toBeNull();
    expect(read('{"usage":{"prompt_tokens":-1,"completion_tokens":2}}')).toBeNull();
    expect(read('{"usage":{"prompt_tokens":1,"completion_tokens":}}')).toBeNull();
    expect(read('')).toBeNull();
  });

  it("reads each API's counts, as deep as they go: what was cached, written and thought", () => {
    const of = (operation: Operation, body: object) => readAs(operation, JSON.stringify(body));
    const thoughts = {
      promptTokenCount: 9,
      candidatesTokenCount: 29,
      totalTokenCount: 320,
      cachedContentTokenCount: 4,
      thoughtsTokenCount: 282,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9 }],
    };
    expect(of('gemini.generate', { candidates: [], usageMetadata: thoughts, modelVersion: 'gemini' })).toEqual({
      input: 9,
      output: 311,
      cachedInput: 4,
      reasoning: 282,
    });
    const pass = { input_tokens: 5, output_tokens: 2, cache_creation: { ephemeral_1h_input_tokens: 0 } };
    const passes = { ...pass, iterations: [pass, { ...pass, input_tokens: 100, cache_read_input_tokens: 7 }] };
    expect(of('anthropic.messages', { content: [], usage: passes })).toEqual({ input: 112, output: 4, cachedInput: 7 });
    const response = {
      input_tokens: 20,
      input_tokens_details: { cached_tokens: 8 },
      output_tokens: 6,
      output_tokens_details: { reasoning_tokens: 5 },
    };
    expect(of('openai.responses', { response: { usage: response } })).toEqual({
      input: 20,
      output: 6,
      cachedInput: 8,
      reasoning: 5,
    });
  });

  describe("puts the two parts of the counts of Anthropic's streams together", () => {
    const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
    const began = { input_tokens: 1_000, cache_read_input_tokens: 200, output_tokens: 1 };
    const start = event('message_start', { message: { id: 'msg_1', content: [], usage: began } });
    const text = event('content_block_delta', { delta: { type: 'text_delta', text: 'hello '.repeat(20) } });
    const end = event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 500 } });
    const whole = { input: 1_200, output: 500, cachedInput: 200 };

    it.each([1, 500])('with %i events between them', (count) => {
      const between = Array.from({ length: count }, () => text);
      expect(readAs('anthropic.messages', start, ...between, end)).toEqual(whole);
      expect(readAs('anthropic.messages', [start, ...between, end].join(''))).toEqual(whole);
      // Left before its end: what it read is paid for.
      expect(readAs('anthropic.messages', start, ...between)).toEqual({ ...whole, output: 1 });
    });

    it('where what the last says nothing of is null', () => {
      const nulls = event('message_delta', { usage: { input_tokens: null, output_tokens: 500 } });
      expect(readAs('anthropic.messages', start, nulls)).toEqual(whole);
    });
  });

  it('is quick where a body is made to be slow', () => {
    expect(read('"usage":{'.repeat(100_000))).toBeNull();
    expect(read(`"usage":{${'{}'.repeat(100_000)}`)).toBeNull();
    expect(read('"usage":{{'.repeat(100_000))).toBeNull();
    expect(read(`"usage":{${'{{}'.repeat(100_000)}`)).toBeNull();
  });
});
