import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { testEmbeddingServer } from '../../test/support/embedding-server.ts';
import { referenceModel } from '../../test/support/reference-model.ts';
import { MemoryVectorIndex } from './adapters/memory-vector-index.ts';
import { readModelFolder, type ModelFolder } from './adapters/model-folder.ts';
import { OnnxEmbedder } from './adapters/onnx-embedder.ts';
import { SidecarEmbedder } from './adapters/sidecar-embedder.ts';
import type { Embedder } from './embedder.port.ts';
import { SemanticLookup } from './semantic-lookup.ts';

const BUILTIN = fileURLToPath(new URL('../../models/builtin', import.meta.url));
const STATIC = referenceModel('static-64d');
const ASKED = 'How do I reset a password?';

/** A lookup whose embedder nothing was calibrated for. */
function lookupWith(embedder: Embedder): SemanticLookup {
  const store = { read: () => Promise.resolve({ record: undefined, entry: undefined }) };
  const lookup = new SemanticLookup(embedder, new MemoryVectorIndex(10, Date.now), store, {
    policy: 'p',
    ttlSecs: 60,
    threshold: 0.5,
    point: 'strict',
    embedMs: 15_000,
    disabledLayers: [],
    isVolatile: () => false,
  });
  lookup.start(false);
  closing.push(lookup);
  return lookup;
}

/** The built-in model without what was calibrated for it. */
function uncalibratedFolder(): ModelFolder {
  const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
  for (const file of ['model.onnx', 'tokenizer.json']) copyFileSync(join(BUILTIN, file), join(dir, file));
  return readModelFolder(dir);
}

async function sidecar(api: 'tei' | 'openai', dir = BUILTIN): Promise<Embedder> {
  const server = await testEmbeddingServer(dir, api);
  closing.push(server);
  return new SidecarEmbedder({ url: server.url, model: 'test/model', timeoutMs: 15_000, threshold: 0.5 });
}

/** Gives tokens all the same. */
function stripped(inner: OnnxEmbedder): Embedder {
  return {
    name: inner.name,
    threshold: inner.threshold,
    embed: (text, timeoutMs) => inner.embed(text, timeoutMs),
    health: () => inner.health(),
    start: () => inner.start(),
    close: () => inner.close(),
  };
}

const closing: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(closing.map((each) => each.close())));

describe.each<[string, () => Embedder | Promise<Embedder>]>([
  ['in process', () => new OnnxEmbedder(uncalibratedFolder())],
  ['in process that tells tokens', () => stripped(new OnnxEmbedder(readModelFolder(BUILTIN)))],
  ['behind text-embeddings-inference', () => sidecar('tei')],
  ["behind OpenAI's API", () => sidecar('openai')],
])('with an embedder without calibration, %s,', (_what, make) => {
  test('what it reads alike is a hit only where it is written alike', async () => {
    const lookup = lookupWith(await make());
    const verdictOf = async (answered: string) => {
      const comparison = await lookup.compare(ASKED, answered);
      return comparison.kind === 'compared' ? comparison.verdict.verdict : comparison;
    };
    expect(await verdictOf(ASKED.toLowerCase())).toBe('indistinct');
    expect(await verdictOf('Hów do I reset a password?')).toBe('indistinct');
    expect(await verdictOf(` ${ASKED.replace(' ', '  ')} `)).toBe('hit');
    expect(await verdictOf('How can I reset a password?')).toBe('hit');
  });
});

test('the texts of one lookup share its time for embeddings', async () => {
  const model = new OnnxEmbedder(readModelFolder(BUILTIN));
  const given: number[] = [];
  const slow: Embedder = {
    name: model.name,
    threshold: model.threshold,
    calibration: model.calibration,
    start: () => model.start(),
    close: () => model.close(),
    health: () => model.health(),
    embed: async (text, timeoutMs) => {
      given.push(timeoutMs);
      await pause(30);
      return model.embed(text, timeoutMs);
    },
  };
  await lookupWith(slow).compare(ASKED, 'How can I reset a password?');
  const [first = 0, , third = 0] = given;
  expect(given).toHaveLength(3);
  expect(first).toBe(15_000);
  expect(third).toBeLessThan(first - 25);
});

test.skipIf(STATIC === undefined)('a model that reads no order of words takes none for evidence', async () => {
  const lookup = lookupWith(await sidecar('tei', STATIC));
  const comparison = await lookup.compare('How do I quickly reset a password?', 'How do I reset a password quickly?');
  expect(comparison).toMatchObject({ kind: 'compared', verdict: { verdict: 'indistinct' } });
});
