import { MAX_STORED_BYTES, type SseFrame } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { collectEvents } from './collect-events.ts';

const frame = (text: string, whole = true): SseFrame => ({ bytes: new TextEncoder().encode(text), whole });

async function* of(...batches: (readonly SseFrame[])[]) {
  yield* batches;
}

function run(events: AsyncIterable<readonly SseFrame[]>, room = Number.POSITIVE_INFINITY) {
  const stored: string[] = [];
  let taken = 0;
  const budget = {
    take: (bytes: number) => taken + bytes <= room && ((taken += bytes), true),
    give: (bytes: number) => {
      taken -= bytes;
    },
  };
  const passed = collectEvents(events, (stream) => stored.push(new TextDecoder().decode(stream)), budget);
  return { passed, stored, taken: () => taken };
}

async function drain(events: AsyncIterable<readonly SseFrame[]>): Promise<number> {
  let count = 0;
  for await (const frames of events) count += frames.length;
  return count;
}

describe('collectEvents', () => {
  it('passes everything on and hands over the whole stream at its end', async () => {
    const { passed, stored, taken } = run(of([frame('a'), frame('b')], [frame('c')]));
    expect(await drain(passed)).toBe(3);
    expect([stored, taken()]).toEqual([['abc'], 0]);
  });

  it.each([
    ['holds an event in pieces', [frame('a'), frame('b', false)], undefined],
    ['grows past what is stored', [frame('x'.repeat(MAX_STORED_BYTES)), frame('y')], undefined],
    ['finds no room in the budget', [frame('aaa'), frame('bbb')], 5],
  ])('hands nothing over of a stream that %s, and passes all of it on', async (_what, frames, room) => {
    const { passed, stored, taken } = run(of(frames), room);
    expect(await drain(passed)).toBe(2);
    expect([stored, taken()]).toEqual([[], 0]);
  });

  it('hands nothing over of a stream that breaks or is left, and gives its bytes back', async () => {
    async function* breaks() {
      yield [frame('a')];
      throw new Error('cut');
    }
    const broken = run(breaks());
    await expect(drain(broken.passed)).rejects.toThrow('cut');
    expect([broken.stored, broken.taken()]).toEqual([[], 0]);

    const left = run(of([frame('a')], [frame('b')]));
    for await (const frames of left.passed) if (frames.length > 0) break;
    expect([left.stored, left.taken()]).toEqual([[], 0]);
  });
});
