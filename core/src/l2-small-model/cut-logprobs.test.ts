import { describe, expect, test } from 'vitest';
import type { AnswerBody } from '../pipeline/answer.ts';
import { cutLogprobs } from './cut-logprobs.ts';

const TOLD = '{"content":[{"token":"\\"]}","logprob":-0.5,"bytes":[34,93],"top_logprobs":[]}],"refusal":null}';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function plain(json: string, otherwise: 'null' | 'nothing'): string {
  const cut = cutLogprobs({ kind: 'bytes', bytes: bytesOf(json) }, otherwise);
  return cut.kind === 'bytes' ? new TextDecoder().decode(cut.bytes) : '';
}

describe('in a plain answer', () => {
  test.each([
    [`{"id":"a","choices":[{"index":0,"logprobs":${TOLD},"n":1.0}],"usage":{}}`, 'null'],
    [` { "x" : "\\"choices\\":[{" , "choices" : [ { "index" : 0 , "logprobs" : ${TOLD} } ] }`, 'null'],
  ] as const)('of %s the value alone becomes null', (json, otherwise) => {
    expect(plain(json, otherwise)).toBe(json.replace(TOLD, 'null'));
  });

  test.each([
    [`{"choices":[{"index":0,"logprobs":${TOLD}}]}`, '{"choices":[{"index":0}]}'],
    [`{"choices":[{"logprobs":${TOLD}, "index":0}]}`, '{"choices":[{"index":0}]}'],
    [`{"choices":[{"a":1 , "logprobs" : ${TOLD} , "b":2}]}`, '{"choices":[{"a":1 , "b":2}]}'],
    [`{"choices":[{"logprobs":${TOLD}}]}`, '{"choices":[{}]}'],
  ])('of %s the member goes with its comma', (json, without) => {
    expect(plain(json, 'nothing')).toBe(without);
  });

  test.each([
    '{"choices":[{"message":{"content":"\\"logprobs\\":1","logprobs":5}}],"logprobs":7}',
    '{"choices":[]}',
    '{"choices":"logprobs"}',
    '{}',
    '[{"choices":1}]',
  ])('%s stays as it is', (json) => {
    expect(plain(json, 'nothing')).toBe(json);
    expect(plain(json, 'null')).toBe(json);
  });

  test('of many tokens', () => {
    const tokens = Array.from({ length: 8_000 }, () => ({ token: 'é', logprob: -1, bytes: [195, 169] }));
    const without = { choices: [{ index: 0, message: { content: 'é'.repeat(8_000) } }] };
    const told = { choices: [{ ...without.choices[0], logprobs: { content: tokens } }] };
    expect(plain(JSON.stringify(told), 'nothing')).toBe(JSON.stringify(without));
  });
});

describe('in a stream', () => {
  const piece = `{"choices":[{"delta":{"content":"é"},"logprobs":${TOLD}}]}`;
  const without = '{"choices":[{"delta":{"content":"é"},"logprobs":null}]}';

  test.each([
    [`data: ${piece}\n\n`, `data: ${without}\n\n`],
    [`data:${piece}\r\n\r\n`, `data:${without}\r\n\r\n`],
    [`id: 7\nevent: x\ndata: ${piece}\n\n`, `id: 7\nevent: x\ndata: ${without}\n\n`],
    ['data: {"choices":[],"usage":{}}\n\n', 'data: {"choices":[],"usage":{}}\n\n'],
    [': "logprobs"\n\n', ': "logprobs"\n\n'],
    ['data: [DONE]\n\n', 'data: [DONE]\n\n'],
  ])('of %j nothing else changes', async (frame, cut) => {
    expect(await streamed([frame])).toEqual({ text: cut, isLeft: false });
  });

  test('whose data has more than one line', async () => {
    const [head, tail] = [piece.slice(0, 12), piece.slice(12)];
    const { text } = await streamed([`data: ${head}\ndata: ${tail}\n\n`]);
    expect(text).toBe(`data: ${head}\ndata: ${tail.replace(TOLD, 'null')}\n\n`);
  });

  test('that is left early ends its source', async () => {
    expect((await streamed([`data: ${piece}\n\n`, 'data: [DONE]\n\n'], 1)).isLeft).toBe(true);
  });
});

async function streamed(frames: readonly string[], atMost = Number.POSITIVE_INFINITY) {
  let isLeft = false;
  const left = frames.values();
  const source: AnswerBody = {
    kind: 'events',
    events: {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const { done, value = '' } = left.next();
          return Promise.resolve(
            done === true
              ? { done, value: undefined }
              : { done: false as const, value: [{ bytes: bytesOf(value), whole: true }] },
          );
        },
        return: () => {
          isLeft = true;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    },
  };
  const cut = cutLogprobs(source, 'null');
  if (cut.kind !== 'events') throw new Error('a stream stays one');
  let text = '';
  let read = 0;
  for await (const batch of cut.events) {
    for (const { bytes } of batch) text += new TextDecoder().decode(bytes);
    read += 1;
    if (read >= atMost) break;
  }
  return { text, isLeft };
}
