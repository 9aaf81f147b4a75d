import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { LAYER_NAMES } from './layer/layer-name.ts';
import {
  compareEpochs,
  encodeTenantRecord,
  latest,
  MAX_QUARANTINE,
  nextEpoch,
  parseTenantRecord,
  type TenantRecord,
} from './tenant-record.ts';

const epoch = '1760000000000-0123456789abcdef';
const digest = 'a'.repeat(64);
const record: TenantRecord = { epoch, off: ['l1b', 'l3'], quarantine: [digest] };
const text = (change: object) => JSON.stringify({ ...record, ...change });

describe("a tenant's record", () => {
  test('comes back as it was written', () => {
    expect(encodeTenantRecord(record)).toBe(`{"epoch":"${epoch}","off":["l1b","l3"],"quarantine":["${digest}"]}`);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.subarray([...LAYER_NAMES]),
        fc.array(fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 64, maxLength: 64 }), {
          maxLength: 5,
        }),
        (ms, off, quarantine) => {
          const written: TenantRecord = { epoch: nextEpoch(ms, undefined), off, quarantine };
          expect(parseTenantRecord(encodeTenantRecord(written))).toEqual(written);
        },
      ),
      { numRuns: inject('propertyRuns') },
    );
  });

  test('may have fields of a later version, and may switch off layers of a later version', () => {
    expect(parseTenantRecord(text({ more: 1, off: ['l9', 'l2'] }))).toEqual({ ...record, off: ['l2'] });
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{"epoch"'],
    ['an array', '[]'],
    ['null', 'null'],
    ['no epoch', text({ epoch: undefined })],
    ['an epoch that is a number', text({ epoch: 1 })],
    ['an epoch without a random part', text({ epoch: '1760000000000' })],
    ['an epoch without a time', text({ epoch: '-abc' })],
    ['an epoch with a line break', text({ epoch: `${epoch}\n` })],
    ['no list of layers', text({ off: undefined })],
    ['layers that are no text', text({ off: ['l2', 3] })],
    ['no quarantine', text({ quarantine: undefined })],
    ['a quarantined thing that is no text', text({ quarantine: [1] })],
    ['a quarantined thing that is no digest', text({ quarantine: ['A'.repeat(64)] })],
    ['more than 256 quarantined', text({ quarantine: Array(MAX_QUARANTINE + 1).fill(digest) })],
  ])('is none when it is damaged: %s', (_, damaged) => {
    expect(parseTenantRecord(damaged)).toBeUndefined();
  });

  test('may have 256 quarantined', () => {
    expect(parseTenantRecord(text({ quarantine: Array(MAX_QUARANTINE).fill(digest) }))?.quarantine).toHaveLength(256);
  });
});

describe('an epoch', () => {
  test('is the time and something random', () => {
    expect(nextEpoch(1760000000000.9, undefined)).toMatch(/^1760000000000-[0-9a-f]{16}$/);
    expect(nextEpoch(5, undefined)).not.toBe(nextEpoch(5, undefined));
  });

  test('is later than its predecessor, even when the clock went back', () => {
    expect(nextEpoch(1000, '999-ff')).toMatch(/^1000-/);
    expect(nextEpoch(1000, '1000-ff')).toMatch(/^1001-/);
    expect(nextEpoch(1000, '5000-ff')).toMatch(/^5001-/);
    expect(compareEpochs(nextEpoch(0, epoch), epoch)).toBeGreaterThan(0);
  });

  test('compares by its time as a number, then by its random part', () => {
    expect(compareEpochs('999-b', '1000-a')).toBeLessThan(0);
    expect(compareEpochs('1000-a', '999-b')).toBeGreaterThan(0);
    expect(compareEpochs('1000-a', '1000-b')).toBe(-1);
    expect(compareEpochs('1000-b', '1000-a')).toBe(1);
    expect(compareEpochs('1000-a', '1000-a')).toBe(0);
  });
});

describe('the later one', () => {
  const earlier: TenantRecord = { ...record, epoch: '1-a' };
  const later: TenantRecord = { ...record, epoch: '2-a' };

  test('of two records is the one with the later epoch, in whatever order they were seen', () => {
    expect(latest(earlier, later)).toBe(later);
    expect(latest(later, earlier)).toBe(later);
  });

  test('of two records with one epoch is the one read last: it knows the newer switches', () => {
    const switched: TenantRecord = { ...later, off: ['l3'] };
    expect(latest(later, switched)).toBe(switched);
  });

  test('of two epochs is an epoch', () => {
    expect(latest('2-a', '10-a')).toBe('10-a');
  });

  test('of one and nothing is the one', () => {
    expect(latest(later, undefined)).toBe(later);
    expect(latest(undefined, later)).toBe(later);
    expect(latest<string>(undefined, undefined)).toBeUndefined();
  });
});
