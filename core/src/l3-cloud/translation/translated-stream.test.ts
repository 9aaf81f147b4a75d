import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { expect, test, vi } from 'vitest';
import { TranslatedStream } from './translated-stream.ts';

const TEXT: LanguageModelV4StreamPart = { type: 'text-delta', id: '0', delta: 'word' };
const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A stream that says these pieces and does not end, whether it was left, and the provider beneath it. */
function streamOf(...parts: readonly LanguageModelV4StreamPart[]) {
  const left = Promise.withResolvers<string>();
  const reply = { answered: vi.fn<() => void>(), abandon: vi.fn<() => void>() };
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start: (controller) => {
      for (const part of parts) controller.enqueue(part);
    },
    cancel: () => left.resolve('left'),
  });
  const writer = { write: () => [{ data: 'event' }] };
  return {
    translated: new TranslatedStream(stream, writer, reply),
    left: left.promise,
    ...reply,
  };
}

test.each<[string, LanguageModelV4StreamPart, string]>([
  ['tells of a fault', { type: 'error', error: { message: 'overloaded' } }, 'overloaded'],
  [
    'ends without a reason',
    { type: 'finish', finishReason: { unified: 'other', raw: undefined }, usage: USAGE },
    'before its answer was whole',
  ],
])('a model that %s is left at once, and the stream breaks', async (_what, part, words) => {
  const { translated, left } = streamOf(TEXT, part);
  expect((await translated.next()).value).toEqual(new TextEncoder().encode('data: event\n\n'));
  await expect(translated.next()).rejects.toMatchObject({
    code: 'stream_interrupted',
    message: expect.stringContaining(words),
  });
  expect(await left).toBe('left');
});

test('a provider that keeps the connection after its last event is not waited for', async () => {
  vi.useFakeTimers();
  const { translated, answered, abandon } = streamOf({
    type: 'finish',
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: USAGE,
  });
  await translated.next();
  expect(answered).not.toHaveBeenCalled();
  expect((await translated.next()).done).toBe(true);
  expect(answered).toHaveBeenCalledOnce();
  // It may end by itself, and keep its connection.
  expect(abandon).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(abandon).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test('before its first event a fault is one that another provider may mend', async () => {
  const { translated } = streamOf({ type: 'error', error: 'full' });
  await expect(translated.next()).rejects.toMatchObject({ code: 'upstream_error', message: 'full' });
});
