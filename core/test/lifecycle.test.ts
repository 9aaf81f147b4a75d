import { Agent, get } from 'node:http';
import { chatBody, chatRequest, chatStream, fakeUpstream, type FakeUpstream } from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startCoreProcess, type CoreProcess } from './support/core-process.ts';

let upstream: FakeUpstream;
let core: CoreProcess;

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: chatStream(chatBody('whole')) });
});

afterEach(async () => {
  core.child.kill('SIGKILL');
  await upstream.close();
});

function start(env: Readonly<Record<string, string>> = {}): CoreProcess {
  return startCoreProcess({ ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_URL: upstream.url, ...env });
}

/** What `/readyz` says on the agent's one connection. */
function statusOf(
  origin: string,
  agent: Agent,
): Promise<{ status: number | undefined; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    get(`${origin}/readyz`, { agent }, (response) => {
      response
        .resume()
        .once('end', () => resolve({ status: response.statusCode, connection: response.headers.connection }));
    }).once('error', reject);
  });
}

async function ask(origin: string): Promise<Response> {
  return fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    body: JSON.stringify(chatRequest('x', { stream: true })),
  });
}

describe('a core that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s drains: not ready, no new connections, streams finish, exit 0',
    async (signal) => {
      const gate = Promise.withResolvers<void>();
      upstream.respondWith({ kind: 'stream', steps: ['{"choices":[]}', { wait: gate.promise }, '[DONE]'] });
      core = start();
      const origin = await core.origin;
      const streaming = await ask(origin);
      const reader = streaming.body?.pipeThrough(new TextDecoderStream()).getReader();
      await reader?.read();

      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      expect(await statusOf(origin, agent)).toEqual({ status: 200, connection: 'keep-alive' });
      core.child.kill(signal);
      await vi.waitFor(async () => expect((await statusOf(origin, agent)).status).toBe(503));
      await vi.waitFor(async () => await expect(fetch(`${origin}/healthz`)).rejects.toThrow(), { timeout: 5_000 });
      expect(core.child.exitCode).toBeNull();
      gate.resolve();
      expect((await reader?.read())?.value).toContain('[DONE]');
      expect((await core.ended).code).toBe(0);
    },
  );

  it('gives up on what outlasts the grace period, and still exits 0', async () => {
    upstream.respondWith({ kind: 'stream', steps: ['{"choices":[]}', { wait: new Promise(() => undefined) }] });
    core = start({ ISARTOR__SHUTDOWN_GRACE_SECS: '1' });
    const streaming = await ask(await core.origin);
    core.child.kill('SIGTERM');
    await expect(streaming.text()).rejects.toThrow();
    expect((await core.ended).code).toBe(0);
  });
});

describe('a core that cannot start', () => {
  it('without a key says so in one line and exits 78', async () => {
    core = startCoreProcess({ ISARTOR__EXTERNAL_LLM_URL: upstream.url });
    const { code, stderr } = await core.ended;
    expect(code).toBe(78);
    expect(stderr).toContain('ISARTOR__GATEWAY_API_KEY');
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.includes('ISARTOR__AUTH__MODE')),
    ).toHaveLength(1);
  });

  it('on a taken port says so and exits 1', async () => {
    core = start({ ISARTOR__HOST_PORT: new URL(upstream.origin).host });
    const { code, stderr } = await core.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The core could not start: .*EADDRINUSE/);
  });
});
