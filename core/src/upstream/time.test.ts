import { expect, test } from 'vitest';
import { REAL_TIME } from './time.ts';

test('a sleep ends at once when its signal is aborted, for the same reason', async () => {
  const caller = new AbortController();
  const reason = new Error('gone');
  const asleep = REAL_TIME.sleep(3_600_000, caller.signal);
  caller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(REAL_TIME.sleep(3_600_000, caller.signal)).rejects.toBe(reason);
});

test('a sleep of no time is over soon', async () => {
  await expect(REAL_TIME.sleep(0, new AbortController().signal)).resolves.toBeUndefined();
});

test('an action that was called off does not happen', async () => {
  const happened: string[] = [];
  const callOff = REAL_TIME.after(0, () => happened.push('off'));
  const done = new Promise<void>((resolve) => {
    REAL_TIME.after(0, () => {
      happened.push('on');
      resolve();
    });
  });
  callOff();
  await done;
  expect(happened).toEqual(['on']);
});
