import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { NO_METRICS } from '../telemetry/metrics.port.ts';
import { AbsentEmbedder } from './adapters/absent-embedder.ts';
import { DeferredEmbedder } from './adapters/deferred-embedder.ts';
import { OnnxEmbedder } from './adapters/onnx-embedder.ts';
import { SidecarEmbedder } from './adapters/sidecar-embedder.ts';
import { createEmbedder } from './create-embedder.ts';
import type { Embedder } from './embedder.port.ts';
import type { SemanticMode } from './semantic-mode.ts';

const URL_SET = { ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: 'http://127.0.0.1:9' };
const FOLDER_SET = { ISARTOR__SEMANTIC_CACHE__MODEL_DIR: '/nowhere' };
const EMBEDDER = 'ISARTOR__SEMANTIC_CACHE__EMBEDDER';

/** The embedder of a configuration, not started, and the log lines of its making. */
function made(env: Readonly<Record<string, string>>, mode: SemanticMode): { embedder: Embedder; lines: string[] } {
  const base = { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY: 'p' };
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const { config } = loadConfig({ env: { ...base, ...env } });
  return { embedder: createEmbedder(config, mode, log, NO_METRICS), lines };
}

describe('the embedder', () => {
  test.each<[string, Record<string, string>, SemanticMode, new (...args: never[]) => Embedder]>([
    ['an address: the server', URL_SET, 'serve', SidecarEmbedder],
    ['an address and a folder: the server', { ...URL_SET, ...FOLDER_SET }, 'serve', SidecarEmbedder],
    ['neither, to serve: the built-in one, at once', {}, 'serve', OnnxEmbedder],
    ['neither, in the shadow: the built-in one, later', {}, 'shadow', DeferredEmbedder],
    ['the built-in one beside an address', { ...URL_SET, [EMBEDDER]: 'builtin' }, 'serve', OnnxEmbedder],
    ['a folder that is not there: none', FOLDER_SET, 'serve', AbsentEmbedder],
    ['onnx without a folder: none', { [EMBEDDER]: 'onnx' }, 'serve', AbsentEmbedder],
    ['no semantic cache: none', {}, 'off', AbsentEmbedder],
  ])('of %s', (_what, env, mode, kind) => {
    expect(made(env, mode).embedder).toBeInstanceOf(kind);
  });

  test('that comes along is said once, where nothing was chosen', () => {
    expect(made({}, 'shadow').lines).toEqual([expect.stringContaining('the small one that comes along')]);
    expect(made({ [EMBEDDER]: 'builtin' }, 'shadow').lines).toEqual([]);
    expect(made({}, 'off').lines).toEqual([]);
  });

  test('that is not calibrated is said once', () => {
    const uncalibrated = expect.stringContaining('this embedder is not calibrated');
    expect(made(URL_SET, 'serve').lines).toEqual([uncalibrated]);
    const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
    for (const file of ['model.onnx', 'tokenizer.json']) writeFileSync(join(dir, file), '');
    expect(made({ ISARTOR__SEMANTIC_CACHE__MODEL_DIR: dir }, 'serve').lines).toEqual([uncalibrated]);
    expect(made({ [EMBEDDER]: 'builtin' }, 'serve').lines).toEqual([]);
  });

  test('that is deferred has the threshold of the one that it stands for', async () => {
    const [deferred, loaded] = [made({}, 'shadow').embedder, made({}, 'serve').embedder];
    expect(deferred.threshold).toBe(loaded.threshold);
    expect(deferred.health()).toMatchObject({ status: 'idle' });
    expect(await deferred.embed('How do I reset a password?', 15_000)).toMatchObject({ kind: 'vector' });
    expect(deferred).toMatchObject({ name: loaded.name, calibration: loaded.calibration });
    await deferred.close();
    await expect(deferred.embed('Why?', 15_000)).rejects.toMatchObject({ fault: 'down' });
  });
});
