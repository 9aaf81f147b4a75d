import { isJsonArray, type JsonObject, type JsonValue } from '@isartor/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyContent, asPrompt, LABEL, modelAnswer } from '../../../../test/support/model-answers.ts';
import { addsUp } from '../../../../test/support/surface-rules.ts';
import { RESPONSES } from './surface.ts';

function outputOf(body: JsonObject): readonly JsonValue[] {
  const { output } = body;
  if (!isJsonArray(output ?? null)) throw new TypeError('no output');
  return isJsonArray(output) ? output : [];
}

test('a stream adds up to the plain response of the same content, which replays', () => {
  addsUp('openai.responses', RESPONSES, ['stop', 'tool-calls']);
});

test('output that was written reads as what the model said, in its order', () => {
  fc.assert(
    fc.property(anyContent, (content) => {
      const output = outputOf(RESPONSES.writeAnswer(modelAnswer(content), LABEL));
      const { prompt } = RESPONSES.readRequest({ input: [{ role: 'user', content: 'Hi' }, ...output] });
      expect(prompt.slice(1)).toEqual(content.length === 0 ? [] : [{ role: 'assistant', content: asPrompt(content) }]);
    }),
  );
});
