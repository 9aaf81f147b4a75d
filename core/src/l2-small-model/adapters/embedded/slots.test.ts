import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

test('who comes when all are taken waits in line, and is served in its order', async () => {
  const slots = new Slots(['a'], 2);
  const slot = await slots.take(never);
  const [second, third] = [slots.take(never), slots.take(never)];
  expect([slots.waiting, slots.isFull]).toEqual([2, true]);
  slots.give(slot);
  slots.give(await second);
  expect(await third).toBe('a');
  expect([slots.waiting, slots.isFull]).toEqual([0, false]);
});

test('who leaves is no longer in the line, and takes no slot with it', async () => {
  const slots = new Slots(['a'], 2);
  const slot = await slots.take(never);
  const client = new AbortController();
  const leaving = slots.take(client.signal);
  const staying = slots.take(never);
  client.abort(new Error('left'));
  await expect(leaving).rejects.toThrow('left');
  slots.give(slot);
  expect(await staying).toBe('a');
  await expect(slots.take(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});
