import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { chatBody, fakeUpstream, jsonAnswer, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBuiltCore, type CoreProcess } from '../support/core-process.ts';

const LIMIT_KB = 256 * 1024;
// What the manifests set in a container of that size.
const FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=8'];
const BODIES = 64;
const SIZE = 10 * 1024 * 1024 - 1024;

let upstream: FakeUpstream;
let core: CoreProcess;
let origin: string;

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: jsonAnswer(chatBody('hello')) });
  core = startBuiltCore({ ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_URL: upstream.url }, FLAGS);
  origin = await core.origin;
});

afterAll(async () => {
  core.child.kill('SIGTERM');
  await core.ended;
  await upstream.close();
});

/** Sends one body on a connection of its own; the status, or what became of the connection. */
function send(body: Buffer): Promise<number | string> {
  return new Promise((resolve) => {
    const agent = new Agent();
    const headers = {
      authorization: 'Bearer k',
      'content-type': 'application/json',
      'content-length': body.byteLength,
    };
    const call = httpRequest(`${origin}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode ?? 0);
        agent.destroy();
      });
    });
    call.once('error', (error) => resolve(error.message));
    call.end(body);
  });
}

/**
 * Watches the process's anonymous memory, in KiB: what a container is killed for. Pages of the node program itself are
 * files, and the kernel takes them back under pressure.
 */
function watchMemory(pid: number | undefined): { peak(): number; stop(): void } {
  let peak = 0;
  const timer = setInterval(() => {
    const held = Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    peak = Math.max(peak, held);
  }, 3);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}

const text = Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(SIZE) }] }));
const objects = Buffer.from(`{"model":"m","messages":[${'{},'.repeat(SIZE / 3 - 20)}{}]}`);

// A process's memory is read from /proc, which only Linux has.
describe.skipIf(process.platform !== 'linux')('64 bodies of 10 MiB at once, under 256 MiB', () => {
  it.each([
    ['of one long text: some are answered, some refused with 503', text, [200, 503]],
    ['of millions of small objects: 400, or 503', objects, [400, 503]],
  ])('%s, and the process lives', async (_what, body, allowed) => {
    const memory = watchMemory(core.child.pid);
    const seen = new Set<number | string>();
    for (let round = 0; round < 3; round += 1) {
      for (const status of await Promise.all(Array.from({ length: BODIES }, () => send(body)))) seen.add(status);
    }
    expect([...seen].toSorted()).toEqual(allowed);
    expect(core.child.exitCode).toBeNull();
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    memory.stop();
    expect(memory.peak()).toBeGreaterThan(0);
    expect(memory.peak()).toBeLessThan(LIMIT_KB);
  });

  it('that trickle in are 408, and the process lives', async () => {
    const slow = startBuiltCore(
      { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_URL: upstream.url, ISARTOR__LIMITS__BODY_SECS: '8' },
      FLAGS,
    );
    const slowOrigin = await slow.origin;
    const statuses = await Promise.all(
      Array.from({ length: BODIES }, () => trickle(`${slowOrigin}/v1/chat/completions`)),
    );
    expect(new Set(statuses)).toEqual(new Set([408]));
    expect((await fetch(`${slowOrigin}/readyz`)).status).toBe(200);
    slow.child.kill('SIGTERM');
    await slow.ended;
  });
});

/** Declares 10 MiB and sends a byte a second: slower than the least rate after the first 5 s. */
function trickle(url: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: 'Bearer k', 'content-type': 'application/json', 'content-length': SIZE };
    const call = httpRequest(url, { method: 'POST', agent: new Agent(), headers });
    const timer = setInterval(() => call.write('{'), 1_000);
    call.once('response', (response) => {
      clearInterval(timer);
      resolve(response.statusCode ?? 0);
      call.destroy();
    });
    call.once('error', () => clearInterval(timer));
  });
}
