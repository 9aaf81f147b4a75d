import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../local/src/stack/paths.ts';
import { testRedis } from '../../local/src/testing/index.ts';
import { Supervisor } from '../support/supervisor.ts';

it('60 s of mixed load with faults and Redis restarts: no error that was not injected, and nothing left behind', async ({
  skip,
}) => {
  const redis = await testRedis({ own: true });
  if ('skip' in redis) return skip(redis.skip);
  await redis.stop();
  const soak = join(ROOT, 'infra', 'soak', 'soak.ts');
  const { ended } = new Supervisor({}, [process.execPath, '--conditions=isartor-source', soak, '--seconds', '60']);
  const { code, stdout, stderr } = await ended;
  expect(code, [...stdout, ...stderr].join('\n')).toBe(0);
});
