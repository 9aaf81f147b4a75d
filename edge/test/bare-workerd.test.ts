import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BareWorkerd } from './support/bare-workerd.ts';
import { startBareWorkerd } from './support/bare-workerd.ts';
import type { CoreAnswer } from './support/core-answer.ts';
import { PROGRAM } from './support/core-answer.ts';

const CORE = inject('coreA');
/** One event, then silence until the test says so, then a keep-alive. */
const SILENT_STREAM: CoreAnswer = {
  headers: { 'content-type': 'text/event-stream' },
  chunks: ['data: 1\n\n'],
  ending: 'hold',
  onGo: ': keep-alive\n\n',
};
const SILENT: CoreAnswer = { instead: 'silent' };

let workerd: BareWorkerd;

beforeAll(async () => {
  workerd = await startBareWorkerd({
    ISARTOR__CORE_URL: CORE,
    ISARTOR__GATEWAY_API_KEY: 'key',
    ISARTOR__REDIS_TIMEOUT_MS: '5000',
  });
});
afterAll(async () => {
  const ended = once(workerd.process, 'exit');
  workerd.process.kill('SIGKILL');
  await ended;
});

/** A core that does what it is told for one test. */
class Core {
  readonly id = crypto.randomUUID();

  async will(answer: CoreAnswer): Promise<this> {
    await fetch(`${CORE}/__program/${this.id}`, { method: 'PUT', body: JSON.stringify([answer]) });
    return this;
  }

  async asked(): Promise<void> {
    while ((await (await fetch(`${CORE}/__seen/${this.id}`)).text()) === '[]') await Promise.resolve();
  }

  go(): Promise<Response> {
    return fetch(`${CORE}/__go/${this.id}`);
  }

  /** Whether the Worker has let go of its request within a time; long, where it must not. */
  closedWithin(ms: number): Promise<boolean> {
    const closed = fetch(`${CORE}/__closed/${this.id}`).then(() => true);
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms));
    return Promise.race([closed, late]);
  }
}

/** Asks over a bare socket, so that a test decides how it is closed. */
async function ask(core: Core, stream: boolean): Promise<Socket> {
  const body = JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: core.id }] });
  const socket = connect(workerd.port, '127.0.0.1');
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer key\r\n${PROGRAM}: ${core.id}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await core.asked();
  // What it has received it has read: an unread byte would turn its goodbye into a reset.
  if (stream) await untilItHolds(socket, 'data: 1');
  return socket;
}

async function untilItHolds(socket: Socket, sought: string): Promise<void> {
  let received = '';
  for await (const data of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    received += data.toString();
    if (received.includes(sought)) return;
  }
}

// What workerd itself does. Cloudflare's network stands before it and has its own way of telling that a client left.
describe('on bare workerd, a client that resets its connection ends the core’s request at once', () => {
  test('in a silent stream', async () => {
    const core = await new Core().will(SILENT_STREAM);
    (await ask(core, true)).resetAndDestroy();
    expect(await core.closedWithin(2_000)).toBe(true);
  });

  test('before a plain answer', async () => {
    const core = await new Core().will(SILENT);
    (await ask(core, false)).resetAndDestroy();
    expect(await core.closedWithin(2_000)).toBe(true);
  });
});

describe('on bare workerd, a client that closes its connection', () => {
  test('in a silent stream is noticed at the next event or keep-alive, and not before', async () => {
    const core = await new Core().will(SILENT_STREAM);
    (await ask(core, true)).destroy();
    expect(await core.closedWithin(300)).toBe(false);
    await core.go();
    expect(await core.closedWithin(2_000)).toBe(true);
  });

  test('before a plain answer is not noticed: it may have closed its own half only', async () => {
    const core = await new Core().will(SILENT);
    (await ask(core, false)).destroy();
    expect(await core.closedWithin(300)).toBe(false);
  });
});

describe('on bare workerd, a Host that would change what is asked for, or makes no URL,', () => {
  const refused = {
    error: {
      message: 'The header host is no name of a host.',
      type: 'invalid_request_error',
      param: 'host',
      code: 'invalid_header',
    },
  };

  test.each(['a:99999', '[::1', 'a b', 'a%zz', 'x/v1/models?a=', 'a?b', 'a#b', 'a@b', 'a\\b'])(
    'is refused: %s',
    async (host) => {
      const answer = await answerTo(
        `GET /healthz HTTP/1.1\r\nhost: ${host}\r\nx-request-id: mine\r\nconnection: close\r\n\r\n`,
      );
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      expect(head.toLowerCase()).toContain('x-request-id: mine');
      expect(JSON.parse(body)).toEqual(refused);
      expect(workerd.errors()).not.toContain('TypeError');
    },
  );

  test('is told from one with a port, or an address', async () => {
    for (const host of ['a:8080', '[::1]:8080', '127.0.0.1']) {
      const answer = await answerTo(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

/** All that comes back for a request that closes its connection. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(workerd.port, '127.0.0.1');
  socket.write(request);
  return text(socket);
}
