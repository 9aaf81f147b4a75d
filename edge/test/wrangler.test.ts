import { encodeMetaHeader } from '@isartor/shared';
import type { JsonObject, StoredEntryMeta } from '@isartor/shared';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { digestOf } from '../src/testing/stored.ts';
import type { CoreAnswer } from './support/core-answer.ts';
import { PROGRAM } from './support/core-answer.ts';
import type { WranglerRun } from './support/wrangler.ts';
import { scratchFolder, startWranglerDev, wrangler } from './support/wrangler.ts';

const SETTINGS = {
  ISARTOR__CORE_URL: inject('coreA'),
  ISARTOR__GATEWAY_API_KEY: 'dev-key',
  ISARTOR__REDIS_TIMEOUT_MS: '5000',
};

test('the bundle is built from source and stays small', async () => {
  const folder = await scratchFolder();
  const run = wrangler(['deploy', '--dry-run', '--outdir', folder]);
  if ((await run.exitCode) !== 0) throw new Error(run.output());
  const kib = gzipSync(await readFile(join(folder, 'worker.js')), { level: 9 }).length / 1024;
  process.stdout.write(`edge bundle: ${kib.toFixed(1)} KiB gzip\n`);
  expect(kib).toBeLessThan(100);
});

test('without a key the Worker does not start, and says what to do', async () => {
  const run = wrangler(['dev', '--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0'], {
    ISARTOR__CORE_URL: inject('coreA'),
  });
  expect(await run.exitCode).not.toBe(0);
  expect(run.output()).toContain('ISARTOR__GATEWAY_API_KEY is not set');
});

describe('wrangler dev', () => {
  let dev: WranglerRun & { url: string };

  beforeAll(async () => {
    dev = await startWranglerDev(SETTINGS);
  });
  afterAll(async () => {
    dev.process.kill('SIGTERM');
    await dev.exitCode;
  });

  async function program(id: string, ...answers: CoreAnswer[]): Promise<void> {
    await fetch(`${inject('coreA')}/__program/${id}`, { method: 'PUT', body: JSON.stringify(answers) });
  }

  function ask(id: string): Promise<Response> {
    return fetch(`${dev.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer dev-key', 'content-type': 'application/json', [PROGRAM]: id },
      body: JSON.stringify(bodyOf(id)),
    });
  }

  function bodyOf(id: string): JsonObject {
    return { model: 'm', messages: [{ role: 'user', content: id }] };
  }

  test('serves a stored answer from its own cache the second time', async () => {
    const now = Date.now();
    const meta: StoredEntryMeta = {
      v: 1,
      status: 200,
      contentType: 'application/json',
      operation: 'openai.chat',
      layer: 'l3',
      provider: 'openai',
      model: 'm',
      createdAt: now,
      freshUntil: now + 60_000,
      staleUntil: now + 60_000,
      epoch: `${now}-a`,
      policy: 'p',
      origin: 'l3',
      source: null,
      usage: null,
    };
    const digest = digestOf(bodyOf('twice'));
    const headers = { 'x-isartor-stored': encodeMetaHeader(meta), 'x-isartor-stored-digest': digest };
    await program('twice', { headers, chunks: ['{"choices":[]}'] });
    const first = await ask('twice');
    expect([first.headers.get('x-isartor-edge'), await first.text()]).toEqual(['miss', '{"choices":[]}']);
    const second = await ask('twice');
    expect([second.headers.get('x-isartor-edge'), await second.text()]).toEqual(['hit', '{"choices":[]}']);
    expect(second.headers.get('x-isartor-layer')).toBe('l1a');
    expect(dev.output()).toContain('"kind":"isartor.request"');
  });

  test('ends the core’s stream when the client’s socket closes', async () => {
    await program('hang-up', { headers: { 'content-type': 'text/event-stream' }, ticks: 'data: 1\n\n' });
    const headers = { authorization: 'Bearer dev-key', [PROGRAM]: 'hang-up' };
    const request = get(`${dev.url}/v1/models`, { headers });
    const response = await new Promise<IncomingMessage>((resolve) => void request.once('response', resolve));
    await new Promise((resolve) => response.once('data', resolve));
    request.destroy();
    await fetch(`${inject('coreA')}/__closed/hang-up`);
  });
});
