import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findLlamaServer, startLlamaServer, type LlamaServer } from '../../../core/test/support/llama-server.ts';
import { Supervisor } from '../support/supervisor.ts';

const KEY = 'isk-end-to-end';
const found = await findLlamaServer();
const skip = 'skip' in found ? found.skip : undefined;
if (skip !== undefined) process.stderr.write(`skipped: the whole stack with a real llama.cpp: ${skip}\n`);

describe.skipIf(skip !== undefined)('the whole stack with a real llama.cpp', () => {
  let cloud: FakeUpstream;
  let server: LlamaServer;
  let supervisor: Supervisor;
  let edge: string;

  beforeAll(async () => {
    if ('skip' in found) return;
    cloud = await fakeUpstream({ respond: wellBehaved });
    server = await startLlamaServer(found);
    supervisor = new Supervisor({
      ISARTOR__GATEWAY_API_KEY: KEY,
      ISARTOR__EXTERNAL_LLM_URL: cloud.url,
      ISARTOR__ROUTER_BACKEND: 'llamacpp',
      ISARTOR__VLLM_URL: server.url,
      ISARTOR__LAYER2__DECIDE: 'always',
    });
    edge = /http:\/\/[\d.:]+/.exec(await supervisor.line(/^ {2}edge /))?.[0] ?? '';
  });

  afterAll(async () => {
    supervisor?.interrupt('SIGTERM');
    await supervisor?.ended;
    await server?.kill();
    await cloud?.close();
  });

  /** Another question each time, which no cache answers. */
  let asked = 0;
  async function ask(model: string, overrides: { readonly stream?: boolean } = {}) {
    const response = await fetch(`${edge}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(
        chatRequest(`Once upon a time there were ${(asked += 1)}`, { model, max_tokens: 24, ...overrides }),
      ),
    });
    const { headers, status } = response;
    return {
      status,
      layer: headers.get(HEADER.layer),
      provider: headers.get(HEADER.provider),
      text: await response.text(),
    };
  }

  it('answers through the Worker what the small model may, and nothing else', async () => {
    await vi.waitFor(async () => expect((await ask('isartor/auto')).layer).toBe('l2'), {
      timeout: 20_000,
      interval: 250,
    });
    const plain = await ask('isartor/auto');
    expect(plain).toMatchObject({ status: 200, layer: 'l2', provider: 'llamacpp' });
    expect(JSON.parse(plain.text)).toMatchObject({ model: 'tiny', usage: { completion_tokens: 24 } });
    const streamed = await ask('isartor/auto', { stream: true });
    expect(streamed).toMatchObject({ status: 200, layer: 'l2' });
    expect(streamed.text.match(/^data: /gm)?.length).toBeGreaterThan(20);
    expect((await ask('gpt-4o')).layer).toBe('l3');
  });

  it('goes on without it when it is killed, and with it when it is back', async () => {
    await server.kill();
    const during = await Promise.all(Array.from({ length: 20 }, () => ask('isartor/auto')));
    expect(new Set(during.map(({ status }) => status))).toEqual(new Set([200]));
    if ('skip' in found) return;
    server = await startLlamaServer(found, server.port);
    await vi.waitFor(async () => expect((await ask('isartor/auto', { stream: true })).layer).toBe('l2'), {
      timeout: 20_000,
      interval: 250,
    });
  });
});
