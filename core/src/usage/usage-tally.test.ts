import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { USAGE_COUNTS, type UsageEvent, type UsageRow } from './usage-ledger.port.ts';
import { noCounts, OTHER_MODEL, UsageTally } from './usage-tally.ts';

const EVENT: fc.Arbitrary<UsageEvent> = fc.record({
  tenant: fc.constantFrom('acme', 'umbrella'),
  key: fc.constantFrom('web', 'batch'),
  model: fc.oneof(fc.constantFrom('gpt-4o', '\n', '', 'other'), fc.string({ maxLength: 200 })),
  layer: fc.constantFrom('l1a', 'l2', 'l3'),
  requests: fc.constantFrom(0, 1),
  usage: fc.option(fc.record({ input: fc.nat(), output: fc.nat(), cachedInput: fc.nat() }), { nil: undefined }),
  spentUsd: fc.nat(1_000_000).map((nano) => nano / 1e9),
  savedUsd: fc.constant(0.1),
});

function totalOf(rows: readonly UsageRow[]) {
  const total = noCounts();
  for (const { counts } of rows) for (const name of USAGE_COUNTS) total[name] += counts[name];
  return total;
}

describe('a tally of usage', () => {
  it('loses nothing, however few rows it may have and however it is put together', () => {
    fc.assert(
      fc.property(fc.array(EVENT, { maxLength: 60 }), fc.integer({ min: 1, max: 100 }), (events, maxRows) => {
        const whole = new UsageTally(maxRows);
        const parts = [new UsageTally(maxRows), new UsageTally(maxRows)] as const;
        for (const [index, event] of events.entries()) {
          whole.add(index % 3, event);
          parts[index % 2 === 0 ? 0 : 1].add(index % 3, event);
        }
        const merged = new UsageTally(maxRows);
        for (const part of parts) for (const row of part.all()) merged.merge(row);
        expect(totalOf(merged.all())).toEqual(totalOf(whole.all()));
        const inputs = events.reduce((sum, { usage }) => sum + (usage?.input ?? 0), 0);
        const nano = events.reduce((sum, { spentUsd }) => sum + Math.round(spentUsd * 1e9), 0);
        expect(totalOf(whole.all())).toMatchObject({ input: inputs, spentNano: nano });
        // Past the bound only the other models of each hour, tenant, key and layer.
        expect(whole.size).toBeLessThanOrEqual(maxRows + 3 * 2 * 2 * 3);
      }),
      { numRuns: 200 },
    );
  });

  it('tells rows apart by all of hour, tenant, key, model and layer', () => {
    const tally = new UsageTally();
    const event = {
      tenant: 'a',
      key: 'k',
      model: 'm',
      layer: 'l3',
      requests: 1,
      usage: undefined,
      spentUsd: 0,
      savedUsd: 0,
    } as const;
    tally.add(1, event);
    tally.add(1, event);
    tally.add(2, event);
    for (const other of [{ tenant: 'b' }, { key: 'l' }, { model: 'n' }, { layer: 'l2' as const }]) {
      tally.add(1, { ...event, ...other });
    }
    expect(tally.size).toBe(6);
    tally.dropBefore(2);
    expect(tally.all().map(({ hour }) => hour)).toEqual([2]);
  });

  it('is bounded for each tenant’s hour, so that one that names many models blurs nobody else’s', () => {
    const tally = new UsageTally(1_000, 10);
    const event = { key: 'k', layer: 'l3', requests: 1, usage: undefined, spentUsd: 0, savedUsd: 0 } as const;
    for (let index = 0; index < 100; index += 1) tally.add(1, { ...event, tenant: 'many', model: `m${index}` });
    tally.add(1, { ...event, tenant: 'few', model: 'gpt-4o' });
    tally.add(2, { ...event, tenant: 'many', model: 'gpt-4o' });
    const rows = tally.all();
    expect(rows.filter(({ tenant, hour }) => tenant === 'many' && hour === 1)).toHaveLength(11);
    expect(rows.find(({ model }) => model === OTHER_MODEL)?.counts.requests).toBe(90);
    expect(rows.filter(({ model }) => model === 'gpt-4o')).toHaveLength(2);
  });
});
