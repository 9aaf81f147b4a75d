import type { LanguageModelV4Content } from '@ai-sdk/provider';
import { isJsonArray, isJsonObject } from '@isartor/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asPrompt, LABEL, messageContent, modelAnswer } from '../../../../test/support/model-answers.ts';
import { addsUp } from '../../../../test/support/surface-rules.ts';
import { GEMINI_GENERATE } from './surface.ts';

test('a stream adds up to the plain answer of the same content, which replays', () => {
  addsUp('gemini.generate', GEMINI_GENERATE);
});

test('a turn that was written reads as what the model said', () => {
  fc.assert(
    fc.property(messageContent, (content) => {
      // Thoughts that nothing parts are one.
      fc.pre(!content.some((part, at) => isUnsignedThought(part) && content[at + 1]?.type === 'reasoning'));
      const answer = GEMINI_GENERATE.writeAnswer(modelAnswer(content), LABEL);
      const [candidate] = isJsonArray(answer['candidates']) ? answer['candidates'] : [];
      const turn = isJsonObject(candidate) ? candidate['content'] : undefined;
      const { prompt } = GEMINI_GENERATE.readRequest({
        contents: [{ role: 'user', parts: [{ text: 'Hi' }] }, turn ?? null],
      });
      expect(prompt.slice(1)).toEqual(content.length === 0 ? [] : [{ role: 'assistant', content: asPrompt(content) }]);
    }),
  );
});

function isUnsignedThought(part: LanguageModelV4Content): boolean {
  return part.type === 'reasoning' && part.providerMetadata === undefined;
}
