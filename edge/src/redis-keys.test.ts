import { expect, test } from 'vitest';
import { RedisKeys } from './redis-keys.ts';
import { sha256Hex } from './sha256-hex.ts';
import { WaitBudget } from './wait-budget.ts';

test('a key that is known is not pushed out of memory by a flood of wrong ones', async () => {
  const good = sha256Hex('good');
  let reads = 0;
  const reader = {
    read: (_: WaitBudget, key: string): Promise<(string | undefined)[]> => {
      reads += 1;
      const record = JSON.stringify({ tenant: 'acme', name: 'k', sha256: good });
      return Promise.resolve([key.endsWith(good) ? record : undefined]);
    },
  };
  const wait = new WaitBudget(200, new Request('https://edge.test'), () => 0);
  const keys = new RedisKeys(reader, 'isartor', () => 0);
  expect((await keys.find(good, wait))?.tenant).toBe('acme');
  const flood = Array.from({ length: 3_000 }, (_, n) => sha256Hex(`wrong ${n}`));
  for (const wrong of flood) expect(await keys.find(wrong, wait)).toBeUndefined();
  expect(reads).toBe(3_001);
  await keys.find(good, wait);
  expect(reads).toBe(3_001);
  // Of the flood itself only the latest are remembered.
  await keys.find(flood.at(-1) ?? '', wait);
  expect(reads).toBe(3_001);
  await keys.find(flood[0] ?? '', wait);
  expect(reads).toBe(3_002);
});
