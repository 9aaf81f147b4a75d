import { describe, expect, it } from 'vitest';
import { LatestEpochs } from './latest-epochs.ts';

const record = (epoch: string) => ({ epoch, off: [], quarantine: [] });

describe('LatestEpochs', () => {
  it('admits the first record and every later one', () => {
    const epochs = new LatestEpochs();
    expect(epochs.admit('t', record('100-a'))?.epoch).toBe('100-a');
    expect(epochs.admit('t', record('100-a'))?.epoch).toBe('100-a');
    expect(epochs.admit('t', record('101-a'))?.epoch).toBe('101-a');
  });

  it('treats an earlier record as missing: it would bring purged answers back', () => {
    const epochs = new LatestEpochs();
    epochs.admit('t', record('101-a'));
    expect(epochs.admit('t', record('100-a'))).toBeUndefined();
    expect(epochs.admit('t', record('101-a'))?.epoch).toBe('101-a');
  });

  it('tells the latest epoch, which a new record must come after', () => {
    const epochs = new LatestEpochs();
    expect(epochs.of('t')).toBeUndefined();
    epochs.admit('t', record('101-a'));
    epochs.admit('t', record('100-a'));
    expect(epochs.of('t')).toBe('101-a');
  });

  it('keeps tenants apart, and has nothing to say to a missing record', () => {
    const epochs = new LatestEpochs();
    epochs.admit('one', record('101-a'));
    expect(epochs.admit('other', record('100-a'))?.epoch).toBe('100-a');
    expect(epochs.admit('one', undefined)).toBeUndefined();
  });
});
