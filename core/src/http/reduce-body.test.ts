import { describe, expect, it } from 'vitest';
import { reduceBody } from './reduce-body.ts';

describe('reduceBody', () => {
  it('keeps what decides how a body is edited and when its answer is complete', () => {
    const body = {
      model: 'm',
      n: 2,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'long' }],
    };
    expect(reduceBody('openai.chat', body)).toEqual({ n: 2, stream_options: { include_usage: true } });
  });

  it.each([
    ['openai.embeddings', { input: 'one text' }, { input: '' }],
    ['openai.embeddings', { input: ['a', 'b', 'c'] }, { input: ['', '', ''] }],
    ['openai.embeddings', { input: [1, 2, 3] }, { input: [0] }],
    ['openai.completions', { prompt: ['a', 'b'] }, { prompt: ['', ''] }],
  ] as const)('keeps of %s the number of texts', (operation, body, wanted) => {
    expect(reduceBody(operation, body)).toEqual(wanted);
  });
});
