import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved } from '@isartor/shared/testing';
import { expect, it } from 'vitest';
import { ROOT } from '../../local/src/stack/paths.ts';
import { redisServer, startLevel } from '../support/compose-level.ts';

const FAQ = join(ROOT, '..', 'shared', 'data', 'prompts', 'faq_loop.jsonl');
const KEY = 'isk-end-to-end';

it('L1a answers exactly the 348 repeats of the FAQ loop, cold, and everything on a second pass', async ({ skip }) => {
  if (!existsSync(FAQ)) return skip('the reference data (prompts/faq_loop.jsonl beside the repository) is not here');
  const upstream = await fakeUpstream({ respond: wellBehaved });
  // The images' own processes: a bare workerd, the built core and Redis. The proxies of `wrangler dev` take ten times as long.
  const settings = {
    ISARTOR__GATEWAY_API_KEY: KEY,
    ISARTOR__EXTERNAL_LLM_URL: upstream.url,
    ISARTOR__CACHE_MODE: 'exact',
    ISARTOR__LAYER2__REPLACES: 'none-of-these',
    ISARTOR__REDIS_TIMEOUT_MS: '5000',
  };
  const { edge, stop } = await startLevel('docker-compose.sidecar.yml', settings, await redisServer());
  const prompts = readFileSync(FAQ, 'utf8')
    .trim()
    .split('\n')
    .map((line) => /"prompt": (".*")}$/.exec(line)?.[1] ?? '""')
    .map((text): unknown => JSON.parse(text));
  const pass = async () => {
    let hits = 0;
    for (const prompt of prompts) {
      const response = await fetch(`${edge}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(chatRequest(String(prompt))),
      });
      await response.text();
      expect(response.status).toBe(200);
      if (response.headers.get(HEADER.layer) === 'l1a') hits += 1;
    }
    return hits;
  };
  expect(await pass()).toBe(348);
  expect(upstream.requests).toHaveLength(652);
  expect(await pass()).toBe(1_000);
  expect(upstream.requests).toHaveLength(652);
  await stop();
  await upstream.close();
});
