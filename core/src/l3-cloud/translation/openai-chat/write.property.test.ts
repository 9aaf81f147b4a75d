import { isJsonArray, isJsonObject, type JsonObject } from '@isartor/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asPrompt, LABEL, messageContent, modelAnswer } from '../../../../test/support/model-answers.ts';
import { addsUp } from '../../../../test/support/surface-rules.ts';
import { OPENAI_CHAT } from './surface.ts';

function messageOf(body: JsonObject): JsonObject {
  const [choice] = isJsonArray(body['choices']) ? body['choices'] : [];
  const message = isJsonObject(choice) ? choice['message'] : undefined;
  if (!isJsonObject(message)) throw new TypeError('no message');
  return message;
}

test('a stream adds up to the plain answer of the same content, which replays', () => {
  addsUp('openai.chat', OPENAI_CHAT);
});

test('a message that was written reads as what the model said', () => {
  fc.assert(
    fc.property(messageContent, (content) => {
      const message = messageOf(OPENAI_CHAT.writeAnswer(modelAnswer(content), LABEL));
      const { prompt } = OPENAI_CHAT.readRequest({ messages: [{ role: 'user', content: 'Hi' }, message] });
      expect(prompt.slice(1)).toEqual(content.length === 0 ? [] : [{ role: 'assistant', content: asPrompt(content) }]);
    }),
  );
});
