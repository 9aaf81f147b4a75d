import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { chatRequest, messageBody, messageRequest } from '@isartor/shared/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const CLAUDE = 'claude-haiku-4-5';
const GPT = 'gpt-5-mini';

/** What the provider does with a request whose body is in. */
type Script = (response: ServerResponse) => Promise<void> | void;

let server: Server | undefined;
let core: RunningCore | undefined;
/** The model that is asked. */
let asked = CLAUDE;
/** Connections that the provider was asked over, and its answers: those that it ended, those that were left before. */
let connections = new Set<unknown>();
let ended = 0;
let left = 0;

afterEach(async () => {
  await core?.stop();
  server?.closeAllConnections();
  server?.close();
});

/** A core before one provider, which follows the script. */
async function start(
  dialect: 'anthropic' | 'openai',
  script: Script,
  env: Readonly<Record<string, string>> = {},
  model = dialect === 'anthropic' ? CLAUDE : GPT,
): Promise<RunningCore> {
  connections = new Set();
  ended = 0;
  left = 0;
  server = createServer((request, response) => void serve(request, response, script));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  asked = model;
  core = await startCore(url, {
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([{ name: 'p', dialect, url, model, key: 'sk' }]),
    ...env,
  });
  return core;
}

async function serve(request: IncomingMessage, response: ServerResponse, script: Script): Promise<void> {
  connections.add(request.socket);
  response.once('close', () => {
    if (response.writableFinished) ended += 1;
    else left += 1;
  });
  await request.resume().toArray();
  await script(response);
}

let questions = 0;

/** A new question in the words of the other API, streamed. */
function askAcross(dialect: 'anthropic' | 'openai'): Promise<Response> {
  questions += 1;
  const text = `question ${questions}`;
  if (core === undefined) throw new TypeError('There is no core.');
  return dialect === 'anthropic'
    ? core.post(CHAT, chatRequest(text, { model: asked, stream: true }))
    : core.post('/v1/messages', messageRequest(text, { model: asked, stream: true }));
}

function stream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'text/event-stream' });
}

const event = (data: { readonly type: string; readonly [more: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const WHOLE = [
  { type: 'message_start', message: messageBody('', { content: [], stop_reason: null }) },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 12 } },
  { type: 'message_stop' },
]
  .map(event)
  .join('');

const RESPONSE_BEGUN = [
  { type: 'response.created', response: { id: 'resp_1', created_at: 1, model: 'gpt-5.3-codex' } },
  { type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'msg_1' } },
  { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'hi' },
]
  .map(event)
  .join('');

describe('a provider whose stream is translated', () => {
  it.each([
    ['anthropic', event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })],
    ['openai', 'data: {"error":{"message":"Overloaded","type":"server_error","code":null}}\n\n'],
  ] as const)('is left when its first event is an error, %s', async (dialect, error) => {
    await start(dialect, (response) => void stream(response).write(error));
    const response = await askAcross(dialect);
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('Overloaded')]);
    await vi.waitFor(() => expect(left).toBe(1));
  });

  it('is not taken for whole when it ends before its answer has, as a response', async () => {
    await start('openai', (response) => void stream(response).end(RESPONSE_BEGUN), {}, 'gpt-5.3-codex');
    const text = await (await askAcross('openai')).text();
    expect(text).toMatch(/"hi"[^]*event: error[^]*before its answer was whole/);
  });

  it('is refused when it sends without end before its answer begins', async () => {
    const nothing = `data: ${JSON.stringify({ id: 'x'.repeat(16_000), choices: [] })}\n\n`;
    await start('openai', async (response) => {
      stream(response);
      while (!response.destroyed) if (!response.write(nothing)) await pause(1);
    });
    const response = await askAcross('openai');
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('before its answer began')]);
    await vi.waitFor(() => expect(left).toBe(1));
  });

  it('keeps its connection when it ends soon after its answer, which is not waited for', async () => {
    await start('anthropic', async (response) => {
      stream(response).write(WHOLE);
      await pause(20);
      response.end();
    });
    for (let count = 1; count <= 3; count += 1) {
      expect(await (await askAcross('anthropic')).text()).toContain('[DONE]');
      await vi.waitFor(() => expect(ended).toBe(count), { timeout: 10_000 });
      // Until the end has come across.
      await pause(50);
    }
    expect([connections.size, left]).toEqual([1, 0]);
  });

  it('loses its connection when it does not end after its answer', async () => {
    await start('anthropic', (response) => void stream(response).write(WHOLE));
    expect(await (await askAcross('anthropic')).text()).toContain('[DONE]');
    await vi.waitFor(() => expect(left).toBe(1), { timeout: 5_000 });
  });
});

it('a plain answer that is translated may take longer than its first byte', async () => {
  const text = JSON.stringify(messageBody('said'));
  const clocks = { ISARTOR__CLOCKS__FIRST_BYTE_SECS: '0.3', ISARTOR__CLOCKS__PLAIN_SECS: '10' };
  const { post } = await start(
    'anthropic',
    async (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(text.slice(0, 20));
      await pause(700);
      response.end(text.slice(20));
    },
    clocks,
  );
  expect((await post(CHAT, chatRequest('x', { model: CLAUDE }))).status).toBe(200);
});

it('a plain answer without end is given up before it fills the memory', async () => {
  const piece = 'x'.repeat(256 * 1024);
  const { post } = await start('anthropic', async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"content":"');
    while (!response.destroyed) if (!response.write(piece)) await pause(1);
  });
  const response = await post(CHAT, chatRequest('x', { model: CLAUDE }));
  expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('too long to be translated')]);
  await vi.waitFor(() => expect(left).toBe(1));
});
