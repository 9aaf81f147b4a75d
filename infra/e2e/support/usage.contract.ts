import { HEADER } from '@isartor/shared';
import { chatRequest, wellBehaved } from '@isartor/shared/testing';
import { describe, expect, it } from 'vitest';
import { KEY, type AcceptanceSubject } from './acceptance.contract.ts';

const MODEL = 'model-of-the-counters';

/**
 * What is counted of requests, whoever answers them.
 * @param subject the stack, once it runs
 */
export function describeUsage(subject: () => AcceptanceSubject): void {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };

  describe('the counters of usage', () => {
    it("have the hits that the edge answers by itself, with the provider's tokens", async () => {
      const { edge, upstream } = subject();
      upstream.respondWith(wellBehaved);
      let asked = 0;
      let hits = 0;
      const ask = async (): Promise<string | null> => {
        const body = JSON.stringify(chatRequest('What is counted?', { model: MODEL }));
        const response = await fetch(`${edge}/v1/chat/completions`, { method: 'POST', headers, body });
        await response.text();
        asked += 1;
        const said = response.headers.get(HEADER.edge);
        if (said === 'hit') hits += 1;
        return said;
      };
      await expect.poll(ask, { timeout: 10_000 }).toBe('hit');
      for (let more = 0; more < 5; more += 1) await ask();
      expect(hits).toBeGreaterThanOrEqual(6);
      const counted = async (): Promise<unknown> => {
        const response = await fetch(`${edge}/api/v1/usage?group=model`, { headers });
        const { rows } = (await response.json()) as { rows: readonly { model: string }[] };
        return rows.find(({ model }) => model === MODEL);
      };
      await expect
        .poll(counted, { timeout: 15_000 })
        .toMatchObject({ requests: asked, input_tokens: 9 * asked, output_tokens: 12 * asked });
    });
  });
}
