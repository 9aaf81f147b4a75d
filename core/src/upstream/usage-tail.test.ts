import { describe, expect, it } from 'vitest';
import { UsageTail } from './usage-tail.ts';

const COUNTS = '"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":3}}';
const READ = { input: 11, output: 7, cachedInput: 3 };

function read(...chunks: string[]) {
  const tail = new UsageTail();
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.read('openai.chat');
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

  it('is quick where a body is made to be slow', () => {
    expect(read('"usage":{'.repeat(100_000))).toBeNull();
    expect(read(`"usage":{${'{}'.repeat(100_000)}`)).toBeNull();
  });
});
