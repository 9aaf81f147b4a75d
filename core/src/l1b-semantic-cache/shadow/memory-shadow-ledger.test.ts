import { MemoryShadowLedger } from './memory-shadow-ledger.ts';
import { shadowLedgerContract } from './shadow-ledger.contract.ts';

shadowLedgerContract('memory', (keepsTexts) => {
  let now = Date.UTC(2026, 1, 27, 12);
  const ledger = new MemoryShadowLedger({ keepsTexts, nowMs: () => now });
  return { ledger, reader: ledger, settle: () => Promise.resolve(), advance: (ms) => (now += ms) };
});
