import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordFiles } from '../src/request-record/record-files.ts';
import { startCore, type RunningCore } from './support/start-core.ts';

let dir: string;
let upstream: FakeUpstream;
let core: RunningCore | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'isartor-records-'));
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  await core?.stop();
  core = undefined;
  await upstream.close();
  rmSync(dir, { recursive: true });
});

async function recordsOf(env: Record<string, string>, ask: (core: RunningCore) => Promise<void>) {
  core = await startCore(upstream.url, { ISARTOR__REQUEST_LOG__DIR: join(dir, 'records'), ...env });
  await ask(core);
  await core.stop();
  core = undefined;
  const names = readdirSync(join(dir, 'records'));
  return names.flatMap((name) =>
    readFileSync(join(dir, 'records', name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
}

async function post(running: RunningCore, text: string, overrides = {}, headers = {}): Promise<void> {
  await (await running.post('/v1/chat/completions', chatRequest(text, overrides), headers)).text();
}

describe('the record of requests', () => {
  it('holds what was asked and answered, masked, a line each, for its owner alone', async () => {
    const records = await recordsOf({}, async (running) => {
      await post(running, 'I am anna@example.com, who am I?', {}, { 'x-request-id': 'first' });
      await post(running, 'I am anna@example.com, who am I?');
      await post(running, 'streamed', { stream: true });
    });
    expect(records.map(({ layer }) => layer)).toEqual(['l3', 'l1a', 'l3']);
    expect(records[0]).toMatchObject({
      v: 1,
      requestId: 'first',
      tenant: 'default',
      operation: 'openai.chat',
      status: 200,
    });
    expect(records[0]?.['asked']).toContain('I am [email], who am I?');
    expect(records[0]?.['answered']).toContain('"choices"');
    expect(records[2]?.['answered']).toContain('data: ');
    expect(JSON.stringify(records)).not.toContain('anna@example.com');
    const [name = ''] = readdirSync(join(dir, 'records'));
    expect(statSync(join(dir, 'records', name)).mode & 0o777).toBe(0o600);
  });

  it('holds a bounded part of each, and what failed', async () => {
    const records = await recordsOf(
      {
        ISARTOR__REQUEST_LOG__TEXT_BYTES: '100',
        ISARTOR__REQUEST_LOG__MASK: 'false',
        ISARTOR__L3__RETRY__MAX_CALLS: '1',
      },
      async (running) => {
        await post(running, 'x'.repeat(5_000));
        upstream.respondWith({ kind: 'refuse' });
        await post(running, 'me@example.com');
      },
    );
    expect(records.map(({ status }) => status)).toEqual([200, 'upstream_unreachable']);
    for (const { asked, answered } of records) {
      expect(String(asked).length).toBeLessThanOrEqual(100);
      expect(String(answered).length).toBeLessThanOrEqual(100);
    }
  });

  it('is not made unless it is asked for', async () => {
    core = await startCore(upstream.url);
    await post(core, 'not recorded');
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('the files of a record', () => {
  const DAY = 86_400_000;

  it('are followed by others a size and a day, and removed past their days and bytes', async () => {
    let now = Date.parse('2026-01-01T12:00:00Z');
    writeFileSync(join(dir, 'notes.txt'), 'not ours');
    const bounds = { dir, fileBytes: 100, totalBytes: 450, keepDays: 2 };
    const files = new RecordFiles(
      bounds,
      () => undefined,
      () => now,
    );
    const write = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at += 1) files.write('a'.repeat(59));
      await new Promise((resolve) => setImmediate(resolve));
    };
    await write(2);
    now += DAY;
    await write(1);
    await files.close();
    const ours = () =>
      readdirSync(dir)
        .filter((name) => name.startsWith('requests-'))
        .toSorted();
    expect(ours()).toEqual([
      'requests-2026-01-01-0001.jsonl',
      'requests-2026-01-01-0002.jsonl',
      'requests-2026-01-02-0003.jsonl',
    ]);
    now += 2 * DAY;
    await write(1);
    await files.close();
    expect(ours()).toEqual(['requests-2026-01-02-0003.jsonl', 'requests-2026-01-04-0004.jsonl']);
    for (let at = 0; at < 20; at += 1) {
      await write(1);
      await files.close();
    }
    expect(ours().length).toBeLessThanOrEqual(7);
    expect(ours().at(-1)).toBe('requests-2026-01-04-0024.jsonl');
    expect(readFileSync(join(dir, 'notes.txt'), 'utf8')).toBe('not ours');
  });

  it('in a folder that cannot be had stop the start, which says what to do', () => {
    writeFileSync(join(dir, 'file'), '');
    const bounds = { dir: join(dir, 'file', 'records'), fileBytes: 1, totalBytes: 1, keepDays: 1 };
    expect(() => new RecordFiles(bounds, () => undefined)).toThrow(
      /request_log\.dir: .*\(ENOTDIR\): let the core write there/,
    );
  });

  it('that cannot be written cost their lines and tell why', async () => {
    const faults: string[] = [];
    const files = new RecordFiles({ dir, fileBytes: 1e6, totalBytes: 1e7, keepDays: 1 }, (code) => faults.push(code));
    rmSync(dir, { recursive: true });
    for (let at = 0; at < 3; at += 1) files.write('lost');
    expect(faults).toEqual(['ENOENT']);
    mkdirSync(dir);
    files.write('kept');
    await files.close();
    expect(readdirSync(dir)).toHaveLength(1);
  });
});
