import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShadowFinding, ShadowLedger } from './shadow-ledger.port.ts';

/** A ledger under test, one that reads after it, and their clock. */
export interface ShadowLedgerSubject {
  readonly ledger: ShadowLedger;
  /** What reads what `ledger` was told: another process's, where ledgers are shared. */
  readonly reader: ShadowLedger;
  /** Makes sure that what was told can be read elsewhere. */
  readonly settle: () => Promise<unknown>;
  readonly advance: (ms: number) => void;
}

const DAY_MS = 86_400_000;

export function finding(
  name: string,
  {
    tenant = 't',
    model = 'm',
    cosine = 0.9,
    probability = null as number | null,
    usage = { input: 10, output: 20 },
  } = {},
): ShadowFinding {
  const texts = { asked: `text of ${name}`, answered: 'text of the other' };
  return { tenant, model, hit: { pair: { asked: name, answered: 'z', cosine, probability, texts }, usage } };
}

/** What every ledger keeps. */
export function shadowLedgerContract(name: string, make: (keepsTexts: boolean) => ShadowLedgerSubject): void {
  describe(`${name} as a ledger of the shadow`, () => {
    let subject: ShadowLedgerSubject;
    beforeEach(() => {
      subject = make(false);
    });
    afterEach(() => subject.ledger.close());
    const report = async () => {
      await subject.settle();
      return subject.reader.report();
    };

    it('adds up by tenant and model', async () => {
      const { ledger } = subject;
      for (let i = 0; i < 3; i += 1) ledger.record({ tenant: 't', model: 'm', hit: undefined });
      ledger.record(finding('a'));
      ledger.record(
        finding('b', { usage: { input: 1, output: 2, cachedInput: 1 } as { input: number; output: number } }),
      );
      ledger.record({ ...finding('c'), hit: { ...finding('c').hit, usage: null } as never });
      ledger.record(finding('d', { tenant: 'u' }));
      ledger.record(finding('e', { model: 'n' }));
      const { groups } = await report();
      expect(groups).toHaveLength(3);
      expect(groups[0]).toEqual({
        tenant: 't',
        model: 'm',
        lookups: 6,
        hits: 3,
        unmetered: 1,
        input: 11,
        cachedInput: 1,
        output: 22,
      });
      expect(groups).toContainEqual(expect.objectContaining({ tenant: 'u', model: 'm', lookups: 1, hits: 1 }));
      expect(groups).toContainEqual(expect.objectContaining({ tenant: 't', model: 'n', lookups: 1, hits: 1 }));
    });

    it('keeps the 50 pairs that are least sure, by probability where there is one, and each once', async () => {
      for (let i = 0; i < 80; i += 1)
        subject.ledger.record(finding(`p${i}`, { cosine: 0.99, probability: (80 - i) / 100 }));
      for (let i = 0; i < 5; i += 1) subject.ledger.record(finding('p79', { cosine: 0.99, probability: 0.01 }));
      subject.ledger.record(finding('cosine', { cosine: 0.005 }));
      const { riskiest } = await report();
      expect(riskiest).toHaveLength(50);
      expect(riskiest.slice(0, 3).map(({ asked }) => asked)).toEqual(['cosine', 'p79', 'p78']);
      expect(riskiest.at(-1)?.asked).toBe('p31');
      expect(riskiest[1]).toEqual({
        tenant: 't',
        model: 'm',
        asked: 'p79',
        answered: 'z',
        cosine: 0.99,
        probability: 0.01,
      });
    });

    it('keeps texts only where it is told to, and cuts long ones', async () => {
      subject.ledger.record(finding('a'));
      expect(JSON.stringify(await report())).not.toContain('text of');
      subject = make(true);
      subject.ledger.record(finding('x'.repeat(2_000)));
      const [pair] = (await report()).riskiest;
      expect(pair?.texts).toEqual({ asked: `text of ${'x'.repeat(492)}`, answered: 'text of the other' });
    });

    it('forgets what is more than a week old', async () => {
      subject.ledger.record(finding('old'));
      await subject.settle();
      subject.advance(DAY_MS);
      subject.ledger.record(finding('new'));
      expect((await report()).groups[0]).toMatchObject({ hits: 2 });
      subject.advance(6 * DAY_MS);
      const late = await report();
      expect(late.groups[0]).toMatchObject({ hits: 1 });
      expect(late.riskiest.map(({ asked }) => asked)).toEqual(['new']);
      subject.advance(DAY_MS);
      expect(await report()).toMatchObject({ groups: [], riskiest: [] });
    });

    it('keeps no more groups than its bound, whatever models are named', async () => {
      for (let i = 0; i < 200; i += 1) subject.ledger.record(finding(`g${i}`, { model: `model-${i}` }));
      subject.ledger.record(finding('long', { model: 'x'.repeat(10_000) }));
      const { groups } = await report();
      expect(groups).toHaveLength(65);
      expect(groups[0]).toMatchObject({ model: 'other', hits: 137 });
    });
  });
}
