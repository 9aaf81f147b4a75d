import { describe, expect, test } from 'vitest';
import { parseRequest } from '../request/parse-request.ts';
import { chatBody } from '../testing/answers.ts';
import { nativeAnswer } from './native-answer.ts';
import { toChatBody } from './to-chat-body.ts';

function chatTextOf(native: string, model: string): string {
  return new TextDecoder().decode(toChatBody(parseRequest('native.chat', new TextEncoder().encode(native)), model));
}

describe('a native request as a chat request', () => {
  test('the prompt becomes the message of the user', () => {
    expect(JSON.parse(chatTextOf('{"prompt":"Hello"}', 'gpt-4o-mini'))).toEqual({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'Hello' }],
    });
  });

  test('the model is the one that was decided on', () => {
    expect(JSON.parse(chatTextOf('{"model":"asked","prompt":"Hello"}', 'decided'))).toMatchObject({ model: 'decided' });
  });

  test('all else stays as it was written, to the byte', () => {
    const text = chatTextOf(
      '{ "temperature" : 1.0, "prompt": "a\\u00e9\\n\u{1F642}", "seed":12345678901234567890, "x\\"y": [ 1 ,2 ] }',
      'm',
    );
    expect(text).toBe(
      '{"model":"m","messages":[{"role":"user","content":"a\\u00e9\\n\u{1F642}"}],' +
        '"temperature":1.0,"seed":12345678901234567890,"x\\"y":[ 1 ,2 ]}',
    );
  });
});

describe('a chat answer as a native answer', () => {
  test.each([1, 2, 3] as const)('says that layer %i gave it, what, and which model', (layer) => {
    expect(nativeAnswer(chatBody('Hello.'), layer)).toEqual({
      layer,
      message: 'Hello.',
      model: 'gpt-4o-mini-2024-07-18',
    });
  });

  test('text in parts is one text', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'One ' },
      { type: 'text', text: 'two.' },
    ];
    expect(nativeAnswer({ model: 'm', choices: [{ message: { content } }] }, 3)).toMatchObject({ message: 'One two.' });
  });

  test.each([
    ['no choices', {}],
    ['an empty list of choices', { choices: [] }],
    ['no message', { choices: [{}] }],
    ['no text', { choices: [{ message: { content: null, tool_calls: [] } }] }],
    ['a part without text', { choices: [{ message: { content: [{ type: 'image' }] } }] }],
  ])('there is none for %s', (_what, body) => {
    expect(nativeAnswer(body, 3)).toBeUndefined();
  });
});
