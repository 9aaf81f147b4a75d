import { isJsonObject, parseJson, type Operation, type SseFrame } from '@isartor/shared';
import type { Answer } from '../../pipeline/answer.ts';
import { sayingIn, sayingOf } from '../read-said.ts';

/** Longer answers are not compared, in characters. */
const MAX_CHARACTERS = 32_768;
const NORMAL_END = 'stop';

/**
 * The answer, whose text is told once it is there in whole and ended normally, in a turn after that in which it is passed
 * on. What is read on the way is passed on as it is, at once.
 */
export function watchedAnswer(answer: Answer, operation: Operation, onText: (text: string) => void): Answer {
  const { body } = answer;
  if (answer.status !== 200 || body.kind === 'parts') return answer;
  if (body.kind === 'events')
    return { ...answer, body: { kind: 'events', events: watchedEvents(body.events, onText) } };
  const { bytes } = body;
  setImmediate(() => {
    const text = operation === 'native.chat' ? nativeText(bytes) : endedText(bytes);
    if (text !== undefined && text.length <= MAX_CHARACTERS) onText(text);
  });
  return answer;
}

function watchedEvents(
  events: AsyncIterable<readonly SseFrame[]>,
  onText: (text: string) => void,
): AsyncIterable<readonly SseFrame[]> {
  return {
    [Symbol.asyncIterator]: () => {
      const source = events[Symbol.asyncIterator]();
      let text = '';
      let finish: string | undefined;
      return {
        next: async () => {
          const next = await source.next();
          if (next.done === true) {
            if (finish === NORMAL_END && text.length <= MAX_CHARACTERS) setImmediate(onText, text);
            return next;
          }
          if (text.length <= MAX_CHARACTERS) {
            const more = sayingIn(next.value);
            text += more.text;
            finish = more.finish ?? finish;
          }
          return next;
        },
        return: async () => {
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function endedText(bytes: Uint8Array): string | undefined {
  const saying = sayingOf(bytes);
  return saying?.finish === NORMAL_END ? saying.text : undefined;
}

function nativeText(bytes: Uint8Array): string | undefined {
  const body = parseJson(new TextDecoder().decode(bytes));
  const message = isJsonObject(body) ? body['message'] : undefined;
  return typeof message === 'string' ? message : undefined;
}
