import { expect, test } from 'vitest';
import { ByteQueue } from './byte-queue.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

test('gives what was made, in its order, before and after it is read', async () => {
  const queue = new ByteQueue(() => undefined);
  queue.push(bytes(1));
  await queue.begun;
  const read: Uint8Array[] = [];
  const reading = (async () => {
    for await (const piece of queue) read.push(piece);
  })();
  await Promise.resolve();
  queue.push(bytes(2));
  queue.end(bytes(3));
  await reading;
  expect(read).toEqual([bytes(1), bytes(2), bytes(3)]);
});

test('a fault comes behind what was made before it, and before the first piece it is the beginning', async () => {
  const queue = new ByteQueue(() => undefined);
  queue.push(bytes(1));
  queue.fail(new Error('broken'));
  const reader = queue[Symbol.asyncIterator]();
  expect(await reader.next()).toEqual({ done: false, value: bytes(1) });
  await expect(reader.next()).rejects.toThrow('broken');
  const broken = new ByteQueue(() => undefined);
  broken.fail(new Error('broken at once'));
  await expect(broken.begun).rejects.toThrow('broken at once');
});

test('who stops reading says so, unless all was made', async () => {
  let abandoned = 0;
  const queue = new ByteQueue(() => (abandoned += 1));
  queue.push(bytes(1));
  for await (const piece of queue) {
    expect(piece).toEqual(bytes(1));
    break;
  }
  expect(abandoned).toBe(1);
  const whole = new ByteQueue(() => (abandoned += 1));
  whole.end(bytes(1));
  whole.abandon();
  expect(abandoned).toBe(1);
});
