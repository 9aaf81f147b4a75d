import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../local/src/stack/paths.ts';
import { ACCEPTANCE_SETTINGS, describeAcceptance, type CacheSite } from '../support/acceptance.contract.ts';
import { startLevel, type ComposeLevel } from '../support/compose-level.ts';

/** A workerd alone has no Cache API: at level 1 the core keeps what the edge, with Redis, keeps at the others. */
const LEVELS: readonly (readonly [file: string, cacheSite: CacheSite])[] = [
  ['docker-compose.yml', 'core'],
  ['docker-compose.sidecar.yml', 'edge'],
  ['docker-compose.full.yml', 'edge'],
];

describe.each(LEVELS)('%s', (file, cacheSite) => {
  let upstream: FakeUpstream;
  let level: ComposeLevel;

  beforeAll(async () => {
    upstream = await fakeUpstream({ respond: wellBehaved });
    const settings = {
      ...ACCEPTANCE_SETTINGS,
      ISARTOR__EXTERNAL_LLM_URL: upstream.url,
      // On a machine that is busy with tests Redis may answer late, and 150 requests at once are not to be misses for that.
      ISARTOR__REDIS_TIMEOUT_MS: '5000',
      // What is held here is the way to the cloud: no request asks for a model that the small one may replace.
      ISARTOR__LAYER2__REPLACES: 'none-of-these',
    };
    level = await startLevel(file, settings, await redisServer());
  });
  afterAll(async () => {
    await level.stop();
    await upstream.close();
  });

  describeAcceptance(() => ({ edge: level.edge, upstream }), cacheSite);

  it('answers an unauthorised call with 401, and knows the settings it was given', async () => {
    expect((await fetch(`${level.edge}/v1/models`)).status).toBe(401);
    expect(level.output()).not.toMatch(/set the same thing|unknown/);
  });
});

/** Gets one where there is none: a test of the levels without Redis would be none. */
async function redisServer(): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', [join(ROOT, 'infra/local/redis.sh')]);
  return stdout.trim();
}
