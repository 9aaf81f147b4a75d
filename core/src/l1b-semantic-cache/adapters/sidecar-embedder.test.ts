import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  testEmbeddingServer,
  type ServerFault,
  type TestEmbeddingServer,
} from '../../../test/support/embedding-server.ts';
import { referenceModel } from '../../../test/support/reference-model.ts';
import { embedderContract } from '../embedder.contract.ts';
import type { Embedder } from '../embedder.port.ts';
import { SidecarEmbedder, type SidecarEmbedderOptions } from './sidecar-embedder.ts';

const STATIC = referenceModel('static-64d');
const CHINESE = '法国的首都是哪里？';

describe.skipIf(STATIC === undefined).each(['tei', 'openai'] as const)('a sidecar that speaks %s', (api) => {
  let server: TestEmbeddingServer;
  const opened: Embedder[] = [];
  const make = (options: Partial<SidecarEmbedderOptions> = {}): SidecarEmbedder => {
    const embedder = new SidecarEmbedder({
      url: server.url,
      model: 'test/model',
      timeoutMs: 5_000,
      threshold: 0.9,
      ...options,
    });
    opened.push(embedder);
    return embedder;
  };
  const started = (options: Partial<SidecarEmbedderOptions> = {}): SidecarEmbedder => {
    const embedder = make(options);
    embedder.start();
    return embedder;
  };
  beforeAll(async () => {
    server = await testEmbeddingServer(STATIC ?? '', api);
  });
  afterEach(async () => {
    server.fault = 'none';
    await Promise.all(opened.splice(0).map((embedder) => embedder.close()));
  });
  afterAll(() => server.close());

  embedderContract(api, {
    make: () => new SidecarEmbedder({ url: server.url, model: 'test/model', timeoutMs: 15_000, threshold: 0.9 }),
    unknown: CHINESE,
    special: 'What does [PAD] mean?',
  });

  test('the same text at the same time is asked for once', async () => {
    const embedder = started();
    await embedder.embed('warm', 5_000);
    const before = server.requests.length;
    await Promise.all(Array.from({ length: 10 }, () => embedder.embed('the same', 5_000)));
    expect(server.requests.length - before).toBe(api === 'tei' ? 2 : 1);
  });

  test('a text that comes again is not asked for again, as long as the server is the same', async () => {
    const embedder = started();
    const first = await embedder.embed('What is rust?', 5_000);
    const before = server.requests.length;
    expect(await embedder.embed('What is rust?', 5_000)).toBe(first);
    expect(server.requests).toHaveLength(before);
    server.model = 'test/other';
    server.fault = { status: 500 };
    await expect(embedder.embed('one', 5_000)).rejects.toThrow();
    server.fault = 'none';
    expect(await embedder.embed('What is rust?', 5_000)).not.toBe(first);
    server.model = 'test/model';
    expect(embedder.name).toContain('test/other');
    expect(server.requests.length - before).toBeGreaterThan(1);
  });

  test.each<[ServerFault, string]>([
    [{ status: 429 }, 'overloaded'],
    [{ status: 503 }, 'overloaded'],
    [{ status: 500 }, 'down'],
    [{ status: 302 }, 'down'],
    ['cut', 'down'],
    ['not-json', 'down'],
    ['wrong-shape', 'down'],
    ['too-long', 'down'],
    ['hang', 'timeout'],
  ])('%o is a fault: %s', async (fault, expected) => {
    // The clock is for what hangs; a busy machine must not be taken for it.
    const embedder = started({ timeoutMs: fault === 'hang' ? 1_000 : 5_000 });
    await embedder.embed('warm', 5_000);
    server.fault = fault;
    await expect(embedder.embed('one', 5_000)).rejects.toMatchObject({ fault: expected });
  });

  test('who waited too long gives up', async () => {
    const embedder = started();
    await embedder.embed('warm', 5_000);
    server.fault = 'hang';
    await expect(embedder.embed('one', 20)).rejects.toMatchObject({ fault: 'timeout' });
  });

  test('one text too many is refused at once', async () => {
    const embedder = started({ maxWaiting: 1 });
    await embedder.embed('warm', 5_000);
    server.fault = 'hang';
    void embedder.embed('one', 100).catch(() => undefined);
    await expect(embedder.embed('two', 100)).rejects.toMatchObject({ fault: 'overloaded' });
  });

  test('after three failures it is left alone, and asked again later', async () => {
    const states: string[] = [];
    const embedder = started({ onBreaker: (state) => states.push(state) });
    await embedder.embed('warm', 5_000);
    server.fault = { status: 500 };
    for (const text of ['a', 'b', 'c']) await expect(embedder.embed(text, 5_000)).rejects.toThrow();
    expect(embedder.health()).toMatchObject({ status: 'down', detail: 'The embedding server answered 500.' });
    const before = server.requests.length;
    await expect(embedder.embed('d', 5_000)).rejects.toMatchObject({ fault: 'down' });
    expect(server.requests).toHaveLength(before);
    server.fault = 'none';
    await vi.waitFor(() => expect(embedder.health().status).toBe('up'), { timeout: 5_000 });
    expect(await embedder.embed('e', 5_000)).toMatchObject({ kind: 'vector' });
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  test('a server that starts later is found, and the fault is told once', async () => {
    const faults: string[] = [];
    const late = await testEmbeddingServer(STATIC ?? '', api);
    const port = Number(new URL(late.url).port);
    await late.close();
    const embedder = started({ url: late.url, onFault: (reason) => faults.push(reason) });
    await vi.waitFor(() => expect(faults).toEqual(['The embedding server is not reachable (ECONNREFUSED).']));
    expect(embedder.health().status).toBe('loading');
    const again = await testEmbeddingServer(STATIC ?? '', api, port);
    expect(await embedder.embed('one', 15_000)).toMatchObject({ kind: 'vector' });
    expect(embedder.name).toMatch(/test\/model/);
    await embedder.close();
    await again.close();
  });

  test('a server that comes back with another model is another embedder before it embeds', async () => {
    const first = await testEmbeddingServer(STATIC ?? '', api);
    const port = Number(new URL(first.url).port);
    const embedder = started({ url: first.url });
    await embedder.embed('warm', 5_000);
    const { name } = embedder;
    await first.close();
    await expect(embedder.embed('one', 5_000)).rejects.toMatchObject({ fault: 'down' });
    const second = await testEmbeddingServer(STATIC ?? '', api, port);
    second.model = 'test/other';
    expect(await embedder.embed('two', 5_000)).toMatchObject({ kind: 'vector' });
    expect(name).toContain('test/model');
    expect(embedder.name).toContain('test/other');
    await embedder.close();
    await second.close();
  });

  test('vectors of another length are of another model', async () => {
    const embedder = started();
    await embedder.embed('warm', 5_000);
    const { name } = embedder;
    server.model = 'test/other';
    server.fault = 'short-vectors';
    expect(await embedder.embed('one', 5_000)).toMatchObject({ kind: 'vector' });
    server.model = 'test/model';
    expect(name).toContain('test/model');
    expect(embedder.name).toContain('test/other');
  });
});
