import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startBuiltCore, type CoreProcess } from '../support/core-process.ts';
import { referenceModel } from '../support/reference-model.ts';

const MINILM = referenceModel('all-MiniLM-L6-v2');

let upstream: FakeUpstream;
let core: CoreProcess;
let home: string;

async function ask(question: string): Promise<Response> {
  const response = await fetch(`${await core.origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    body: JSON.stringify(chatRequest(question)),
  });
  await response.text();
  return response;
}

/** Without a folder the built-in model serves. */
const MODELS: readonly (readonly [name: string, folder: Readonly<Record<string, string>>])[] = [
  ['the built-in model', {}],
  ...(MINILM === undefined ? [] : [['all-MiniLM-L6-v2', { ISARTOR__SEMANTIC_CACHE__MODEL_DIR: MINILM }] as const]),
];

describe.each(MODELS)('the built core with %s', (_name, folder) => {
  beforeAll(async () => {
    upstream = await fakeUpstream({ respond: wellBehaved });
    home = mkdtempSync(join(tmpdir(), 'isartor-home-'));
    core = startBuiltCore({
      HOME: home,
      ISARTOR__GATEWAY_API_KEY: 'k',
      ISARTOR__EXTERNAL_LLM_URL: upstream.url,
      ISARTOR__CACHE_MODE: 'both',
      ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
      ...folder,
      ISARTOR__SIMILARITY_THRESHOLD: '0.85',
    });
  });

  afterAll(async () => {
    core.child.kill('SIGTERM');
    expect((await core.ended).code).toBe(0);
    await upstream.close();
    rmSync(home, { recursive: true });
  });

  it('answers a paraphrase from L1b: it finds its embedding thread and the native libraries', async () => {
    await vi.waitFor(
      async () => {
        const ready = await (await fetch(`${await core.origin}/readyz`)).json();
        expect(ready).toMatchObject({ checks: { semantic_cache: { status: 'up', mode: 'serve' } } });
      },
      { timeout: 20_000, interval: 50 },
    );
    await ask('How do I reset a password?');
    await vi.waitFor(
      async () => {
        const response = await ask('How can I reset a password?');
        expect(response.headers.get(HEADER.layer)).toMatch(/^l1[ab]$/);
        expect(response.headers.get(HEADER.entry)).toMatch(/^[0-9a-f]{64}$/);
      },
      { timeout: 5_000, interval: 50 },
    );
    expect((await ask('How do I not reset a password?')).headers.get(HEADER.semantic)).toBe('guarded:negation');
  });

  it('keeps nothing under the home folder, where ONNX Runtime’s telemetry would', () => {
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });
});
