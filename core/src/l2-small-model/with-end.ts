import type { AnswerBody } from '../pipeline/answer.ts';

/** How a body ended: it was read to its end, it broke, or nobody reads on. */
export type Ending = 'whole' | 'broken' | 'left';

/** A body as it is, whose end is told once; that of bytes, which are there, at once. */
export function withEnd(body: AnswerBody, onEnd: (ending: Ending) => void): AnswerBody {
  if (body.kind !== 'events') {
    onEnd('whole');
    return body;
  }
  let isOver = false;
  const end = (ending: Ending): void => {
    if (!isOver) onEnd(ending);
    isOver = true;
  };
  const source = body.events[Symbol.asyncIterator]();
  const END = { done: true, value: undefined } as const;
  const events = {
    next: async () => {
      try {
        const result = await source.next();
        if (result.done === true) end('whole');
        return result;
      } catch (error) {
        end('broken');
        throw error;
      }
    },
    return: async () => {
      try {
        return (await source.return?.()) ?? END;
      } finally {
        end('left');
      }
    },
  };
  return { kind: 'events', events: { [Symbol.asyncIterator]: () => events } };
}

/** What is done the first time that it is called, and not again. */
export function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
