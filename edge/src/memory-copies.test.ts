import { describe, expect, test } from 'vitest';
import type { ColoCache, ColoCopy } from './colo-cache.ts';
import { withMemory } from './memory-copies.ts';
import { storedMeta } from './testing/stored.ts';

const NOW = 1_700_000_000_000;

function copyOf(text: string): ColoCopy {
  return { entry: { meta: storedMeta(NOW), body: new TextEncoder().encode(text) }, keptAt: NOW };
}

/** A memory before a colo whose copies are in a test's hand, and which counts how often it is read. */
class Isolate {
  now = NOW;
  reads = 0;
  readonly colo = new Map<string, ColoCopy>();
  readonly cache: ColoCache = withMemory(
    {
      get: (digest) => {
        this.reads += 1;
        return Promise.resolve(this.colo.get(digest));
      },
      keep: (digest, copy) => {
        this.colo.set(digest, copy);
        return Promise.resolve();
      },
    },
    () => this.now,
  );

  async text(digest = 'a'): Promise<string | undefined> {
    const copy = await this.cache.get(digest);
    return copy === undefined ? undefined : new TextDecoder().decode(copy.entry.body);
  }
}

describe('a copy that was read from the colo', () => {
  test('is not read again for 5 s, and then it is', async () => {
    const isolate = new Isolate();
    isolate.colo.set('a', copyOf('one'));
    expect(await isolate.text()).toBe('one');
    isolate.colo.set('a', copyOf('two'));
    isolate.now += 5_000;
    expect(await isolate.text()).toBe('one');
    expect(isolate.reads).toBe(1);
    isolate.now += 1;
    expect(await isolate.text()).toBe('two');
  });

  test('keeps the moment at which it was kept', async () => {
    const isolate = new Isolate();
    isolate.colo.set('a', copyOf('one'));
    await isolate.cache.get('a');
    isolate.now += 4_000;
    expect((await isolate.cache.get('a'))?.keptAt).toBe(NOW);
  });

  test('is forgotten when it has gone from the colo', async () => {
    const isolate = new Isolate();
    isolate.colo.set('a', copyOf('one'));
    await isolate.text();
    isolate.colo.delete('a');
    isolate.now += 5_001;
    expect(await isolate.text()).toBeUndefined();
    isolate.now -= 5_001;
    expect(await isolate.text()).toBeUndefined();
  });

  test('is read again after a clock that went back', async () => {
    const isolate = new Isolate();
    isolate.colo.set('a', copyOf('one'));
    await isolate.text();
    isolate.now -= 1;
    await isolate.text();
    expect(isolate.reads).toBe(2);
  });

  test('gives way at once to one that this isolate keeps', async () => {
    const isolate = new Isolate();
    isolate.colo.set('a', copyOf('one'));
    await isolate.text();
    await isolate.cache.keep('a', copyOf('two'), 60);
    expect(await isolate.text()).toBe('two');
  });
});

test('what is not there is asked for each time', async () => {
  const isolate = new Isolate();
  await isolate.text();
  await isolate.text();
  expect(isolate.reads).toBe(2);
});

test('a long copy is read each time', async () => {
  const isolate = new Isolate();
  isolate.colo.set('a', copyOf('x'.repeat(131_073)));
  await isolate.text();
  await isolate.text();
  expect(isolate.reads).toBe(2);
});

test('16 MiB are held and no more: the least recently used goes first', async () => {
  const isolate = new Isolate();
  for (let n = 0; n < 140; n += 1) {
    isolate.colo.set(`${n}`, copyOf('x'.repeat(131_072)));
    await isolate.text(`${n}`);
    await isolate.text('0');
  }
  expect(isolate.reads).toBe(140);
  await isolate.text('0');
  await isolate.text('139');
  expect(isolate.reads).toBe(140);
  await isolate.text('1');
  expect(isolate.reads).toBe(141);
});
