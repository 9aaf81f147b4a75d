import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asPrompt, LABEL, messageContent, modelAnswer } from '../../../../test/support/model-answers.ts';
import { addsUp } from '../../../../test/support/surface-rules.ts';
import { ANTHROPIC_MESSAGES } from './surface.ts';

test('a stream adds up to the plain message of the same content, which replays', () => {
  addsUp('anthropic.messages', ANTHROPIC_MESSAGES);
});

test('a message that was written reads as what the model said, but for pictures', () => {
  fc.assert(
    fc.property(messageContent, (content) => {
      const { content: said } = ANTHROPIC_MESSAGES.writeAnswer(modelAnswer(content), LABEL);
      const { prompt } = ANTHROPIC_MESSAGES.readRequest({
        max_tokens: 1,
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: said ?? null },
        ],
      });
      const told = asPrompt(content.filter(({ type }) => type !== 'file'));
      expect(prompt.slice(1)).toEqual(told.length === 0 ? [] : [{ role: 'assistant', content: told }]);
    }),
  );
});
