import { describe, expect, test } from 'vitest';
import type { LayerName } from '../layer/layer-name.ts';
import type { TenantRecord } from '../tenant-record.ts';
import { judgeEntry, type MissReason, type ReaderView } from './judge-entry.ts';
import type { StoredEntryMeta } from './stored-entry-meta.ts';

const created = 1_760_000_000_000;
const digest = 'd'.repeat(64);
const source = 'e'.repeat(64);
const record: TenantRecord = { epoch: '1-a', off: [], quarantine: [] };

/** Made by L3, ten seconds old, fresh for 300 s and stale for an hour more. */
const plain: StoredEntryMeta = {
  v: 1,
  status: 200,
  contentType: 'application/json',
  operation: 'openai.chat',
  layer: 'l3',
  provider: 'openai',
  model: 'm',
  createdAt: created,
  freshUntil: created + 300_000,
  staleUntil: created + 3_900_000,
  epoch: '1-a',
  policy: 'p',
  origin: 'l3',
  source: null,
  usage: null,
};
const copy: Partial<StoredEntryMeta> = { origin: 'l1b', layer: 'l2', source };
const stream: Partial<StoredEntryMeta> = { contentType: 'text/event-stream; charset=utf-8' };

const view: ReaderView = {
  now: created + 10_000,
  digest,
  record,
  policy: 'p',
  maxTtlSecs: 300,
  skipped: new Set(),
  wantsStream: false,
};
const at = (seconds: number): Partial<ReaderView> => ({ now: created + seconds * 1000 });
const off = (...layers: LayerName[]): Partial<ReaderView> => ({ record: { ...record, off: layers } });
const skipped = (...layers: LayerName[]): Partial<ReaderView> => ({ skipped: new Set(layers) });
const quarantine = (...digests: string[]): Partial<ReaderView> => ({ record: { ...record, quarantine: digests } });

type Case = readonly [meta: Partial<StoredEntryMeta>, view: Partial<ReaderView>];
const judge = ([meta, seen]: Case) => judgeEntry({ ...plain, ...meta }, { ...view, ...seen });

/** Each row breaks one rule and no other; its neighbour differs as little as possible and is served. */
const MISSES: [MissReason, string, Case, Case][] = [
  ['epoch', 'the record is missing', [{}, { record: undefined }], [{}, {}]],
  ['epoch', 'the entry is of an earlier epoch', [{ epoch: '0-a' }, {}], [{}, {}]],
  ['epoch', 'the entry is of a later epoch', [{ epoch: '2-a' }, {}], [{}, {}]],
  ['off', 'its origin is switched off', [copy, off('l1b')], [{ ...copy, origin: 'l2' }, off('l1b')]],
  ['off', 'the layer whose text was copied is switched off', [copy, off('l2')], [copy, off('l3')]],
  ['off', 'the layer that made it is switched off', [{}, off('l2', 'l3')], [{}, off('l2')]],
  ['off', 'the exact cache is switched off', [{}, off('l1a')], [{}, { ...off('l1a'), reader: 'l1b' }]],
  ['off', 'its origin is skipped', [copy, skipped('l1b')], [{ ...copy, origin: 'l2' }, skipped('l1b')]],
  ['off', 'the layer whose text was copied is skipped', [copy, skipped('l2')], [copy, skipped('l3')]],
  ['off', 'the exact cache is skipped', [{}, skipped('l1a')], [{}, skipped('l0', 'l2')]],
  ['quarantined', 'it was reported wrong', [{}, quarantine(source, digest)], [{}, quarantine(source)]],
  [
    'quarantined',
    'its source was reported wrong',
    [copy, quarantine(source)],
    [{ ...copy, source: 'f' }, quarantine(source)],
  ],
  ['policy', 'it was made under another policy', [{ policy: 'q' }, {}], [{ policy: 'q' }, { policy: 'q' }]],
  ['policy', 'the policy in force is not known', [{}, { policy: undefined }], [{}, {}]],
  ['ttl', "the writer's clock is more than 2 s ahead", [{}, at(-2.001)], [{}, at(-2)]],
  ['ttl', "its life is longer than the reader's TTL", [{}, { maxTtlSecs: 299 }], [{}, { maxTtlSecs: 300 }]],
  ['ttl', 'it is as old as the request allows', [{}, { requestTtlSecs: 10 }], [{}, { requestTtlSecs: 11 }]],
  ['ttl', 'the request allows no age at all', [{}, { ...at(0), requestTtlSecs: 0 }], [{}, at(0)]],
  [
    'ttl',
    'it is stale and older than the request allows',
    [{}, { ...at(300), requestTtlSecs: 300 }],
    [{}, { ...at(300), requestTtlSecs: 301 }],
  ],
  ['expired', 'its time is over', [{}, at(3900)], [{}, at(3899.999)]],
  [
    'expired',
    'it is fresh no longer and never was to be stale',
    [{ staleUntil: created + 300_000 }, at(300)],
    [{}, at(300)],
  ],
  ['stream-only', 'it is a stream and the request is plain', [stream, {}], [stream, { wantsStream: true }]],
  [
    'stream-only',
    'it is a stale stream and the request is plain',
    [stream, at(400)],
    [stream, { ...at(400), wantsStream: true }],
  ],
];

describe('an entry is a miss', () => {
  test.each(MISSES)('for %s when %s', (why, _, miss, neighbour) => {
    expect(judge(miss)).toEqual({ verdict: 'miss', why });
    expect(judge(neighbour).verdict).not.toBe('miss');
  });
});

describe('an entry is served', () => {
  test.each([
    [0, 'hit', 0],
    [10, 'hit', 10],
    [10.999, 'hit', 10],
    [299.999, 'hit', 299],
    [300, 'stale', 300],
    [3899.999, 'stale', 3899],
    [-1.5, 'hit', 0],
  ])('after %d s as a %s of age %d', (seconds, verdict, ageSecs) => {
    expect(judge([{}, at(seconds)])).toEqual({ verdict, ageSecs });
  });

  test('to a stream request, plain entry or stream', () => {
    expect(judge([{}, { wantsStream: true }]).verdict).toBe('hit');
    expect(judge([stream, { wantsStream: true }]).verdict).toBe('hit');
  });

  test('as a copy whose source is nothing to the quarantine, with the age of its source', () => {
    expect(judge([copy, at(20)])).toEqual({ verdict: 'hit', ageSecs: 20 });
  });
});
