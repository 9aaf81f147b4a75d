import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { referenceModel } from '../../../test/support/reference-model.ts';
import { embedderContract } from '../embedder.contract.ts';
import type { Embedder } from '../embedder.port.ts';
import { readModelFolder, type ModelFolder } from './model-folder.ts';
import { OnnxEmbedder } from './onnx-embedder.ts';

const MINILM = referenceModel('all-MiniLM-L6-v2');
const STATIC = referenceModel('static-64d');
const BUILTIN = fileURLToPath(new URL('../../../models/builtin', import.meta.url));
const CHINESE = '法国的首都是哪里？';

const opened: Embedder[] = [];
function started(folder: ModelFolder, options = {}): OnnxEmbedder {
  const embedder = new OnnxEmbedder(folder, options);
  opened.push(embedder);
  embedder.start();
  return embedder;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((embedder) => embedder.close()));
});

embedderContract('the built-in model', {
  make: () => new OnnxEmbedder(readModelFolder(BUILTIN)),
  unknown: CHINESE,
  special: 'What does [SEP] mean?',
});

test('a process that stood still is down until the run that it gave up is over after all', async () => {
  const faults: string[] = [];
  const embedder = started(readModelFolder(BUILTIN), {
    stuckMs: 500,
    onFault: (reason: string) => faults.push(reason),
  });
  const embed = (text: string): Promise<unknown> => embedder.embed(text, 15_000);
  expect(await embed('warm')).toMatchObject({ kind: 'vector' });
  const given = new Promise((resolve) => {
    // From here the loop comes to its timers before it reads what the worker says.
    setImmediate(() => {
      resolve(embed('one').catch((error: unknown) => error));
      // The text is handed over after this turn; then everything stands still.
      queueMicrotask(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800));
    });
  });
  expect(await given).toMatchObject({ fault: 'down' });
  await vi.waitFor(() => expect(embedder.health()).toMatchObject({ status: 'up' }), { timeout: 5_000, interval: 20 });
  expect(await embed('two')).toMatchObject({ kind: 'vector' });
  expect(faults).toHaveLength(1);
});

async function vectorsOf(folder: ModelFolder, texts: readonly string[]): Promise<readonly number[][]> {
  const embedder = started(folder);
  const embeddings = await Promise.all(texts.map((text) => embedder.embed(text, 15_000)));
  return embeddings.map((embedding) => (embedding.kind === 'vector' ? [...embedding.vector] : []));
}

test('a text without a direction is refused by itself, and those beside it are not', async () => {
  const embedder = new OnnxEmbedder(readModelFolder(BUILTIN));
  opened.push(embedder);
  embedder.start();
  const kinds = await Promise.all(
    ['what is tcp', '\u0301', 'who is bob'].map(async (text) => (await embedder.embed(text, 15_000)).kind),
  );
  expect(kinds).toEqual(['vector', 'unrepresentable', 'vector']);
});

describe.skipIf(MINILM === undefined)('all-MiniLM-L6-v2', () => {
  const dir = MINILM ?? '';
  embedderContract('float32', {
    make: () => new OnnxEmbedder(readModelFolder(dir)),
    unknown: CHINESE,
    special: 'What does [SEP] mean?',
  });
  embedderContract('int8', {
    make: () => new OnnxEmbedder(readModelFolder(dir, 'model_quantized.onnx')),
    unknown: CHINESE,
    special: 'What does [SEP] mean?',
  });

  test('in int8 runs one text at a time: among others a text would get another vector', async () => {
    const folder = readModelFolder(dir, 'model_quantized.onnx');
    const crowd = Array.from({ length: 12 }, (_, i) => `What do ${i} pandas eat in winter, and why?`);
    const [alone, among, batched] = await Promise.all([
      vectorsOf(folder, ['How do I reset my password?']),
      vectorsOf(folder, ['How do I reset my password?', ...crowd]),
      vectorsOf({ ...folder, batches: true }, ['How do I reset my password?', ...crowd]),
    ]);
    expect(among[0]).toEqual(alone[0]);
    expect(batched[0]).not.toEqual(alone[0]);
  });

  test('gives the vectors that sentence-transformers gives (its model card, first five components)', async () => {
    const embedding = await started(readModelFolder(dir)).embed('This is an example sentence', 15_000);
    const first = embedding.kind === 'vector' ? [...embedding.vector.subarray(0, 5)] : [];
    const expected = [0.0676569, 0.0634959, 0.0487131, 0.0793049, 0.037448];
    expect(first).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) expect(first[i]).toBeCloseTo(value, 5);
  });
});

describe.skipIf(STATIC === undefined)('static-64d', () => {
  const folder = (): ModelFolder => readModelFolder(STATIC ?? '');
  embedderContract('a static model', { make: () => new OnnxEmbedder(folder()), unknown: CHINESE, special: '[PAD]' });

  test('one text too many is refused at once, and the others get their vectors', async () => {
    const embedder = started(folder(), { maxWaiting: 2 });
    const waiting = [embedder.embed('one', 15_000), embedder.embed('two', 15_000)];
    await expect(embedder.embed('three', 15_000)).rejects.toMatchObject({ fault: 'overloaded' });
    expect(await Promise.all(waiting)).toMatchObject([{ kind: 'vector' }, { kind: 'vector' }]);
  });

  test('the same text at the same time takes one place', async () => {
    const embedder = started(folder(), { maxWaiting: 1 });
    const [first, second] = await Promise.all([embedder.embed('one', 15_000), embedder.embed('one', 15_000)]);
    expect(second).toBe(first);
  });

  test('who waited too long gives up, and leaves the place to others', async () => {
    const embedder = started(folder(), { maxWaiting: 1 });
    await expect(embedder.embed('one', 0)).rejects.toMatchObject({ fault: 'timeout' });
    expect(await embedder.embed('two', 15_000)).toMatchObject({ kind: 'vector' });
  });

  test('a model that cannot be loaded is down, and says why', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
    const modelFile = join(dir, 'model.onnx');
    writeFileSync(modelFile, 'not a model');
    const faults: string[] = [];
    const embedder = started({ ...folder(), modelFile }, { onFault: (reason: string) => faults.push(reason) });
    await expect(embedder.embed('one', 15_000)).rejects.toMatchObject({ fault: 'down' });
    expect(embedder.health().status).toBe('down');
    expect(faults).toHaveLength(1);
  });
});

describe('a model folder', () => {
  test('without a model says what it wants', () => {
    const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
    expect(() => readModelFolder(dir)).toThrow('holds neither model.onnx nor model_quantized.onnx');
  });

  test('without a tokenizer says so', () => {
    const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
    writeFileSync(join(dir, 'model.onnx'), '');
    expect(() => readModelFolder(dir)).toThrow('tokenizer.json is missing');
  });

  test.each([
    ['not JSON', '{', 'isartor.json is not JSON'],
    ['an unknown key', '{"windows":3}', 'windows'],
    ['a threshold above 1', '{"threshold":2}', 'threshold'],
  ])('with a manifest that is wrong (%s) says where', (_what, manifest, message) => {
    const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
    writeFileSync(join(dir, 'isartor.json'), manifest);
    expect(() => readModelFolder(dir)).toThrow(message);
  });

  test('int8 weights are run one text at a time', () => {
    const dir = mkdtempSync(join(tmpdir(), 'isartor-model-'));
    for (const file of ['model.onnx', 'model_quantized.onnx', 'tokenizer.json']) writeFileSync(join(dir, file), '');
    expect(readModelFolder(dir)).toMatchObject({ batches: true, modelFile: join(dir, 'model.onnx') });
    writeFileSync(join(dir, 'isartor.json'), '{"model":"model_quantized.onnx","window":128}');
    expect(readModelFolder(dir)).toMatchObject({ batches: false, window: 128 });
    expect(existsSync(readModelFolder(dir).modelFile)).toBe(true);
  });
});
