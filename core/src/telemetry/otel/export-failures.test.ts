import { ExportResultCode } from '@opentelemetry/core';
import { describe, expect, it, vi } from 'vitest';
import { createLog } from '../log.ts';
import { ExportFailures } from './export-failures.ts';

const SUCCESS = { code: ExportResultCode.SUCCESS };
const FAILED = { code: ExportResultCode.FAILED, error: Object.assign(new Error('planted-text'), { code: 14 }) };

function failuresAt(clock: { ms: number }) {
  const log = createLog('silent');
  const lines: unknown[][] = [];
  for (const level of ['warn', 'info'] as const) {
    vi.spyOn(log, level).mockImplementation((...line: unknown[]) => void lines.push([level, ...line]));
  }
  return { failures: new ExportFailures(log, 'spans', () => clock.ms), lines };
}

describe('what a collector does not take', () => {
  it('is told once a minute with all that was lost, without its words, and when it is over', () => {
    const clock = { ms: 0 };
    const { failures, lines } = failuresAt(clock);
    for (let batch = 0; batch < 10; batch += 1) failures.note(FAILED, 512);
    clock.ms = 60_000;
    failures.note(FAILED, 8);
    failures.note(SUCCESS, 512);
    failures.note(SUCCESS, 512);
    expect(lines).toEqual([
      ['warn', { lost: 512, reason: 'Error 14' }, 'the collector does not take spans'],
      ['warn', { lost: 5_128, reason: 'Error 14' }, 'the collector does not take spans'],
      ['info', { lost: 5_128 }, 'the collector takes spans again'],
    ]);
  });

  it('for want of room is told once a minute too, also where every other batch gets through', () => {
    const clock = { ms: 0 };
    const { failures, lines } = failuresAt(clock);
    for (; clock.ms <= 60_000; clock.ms += 1_000) {
      failures.drop();
      failures.note(SUCCESS, 512);
    }
    expect(lines).toEqual([
      ['warn', { dropped: 1 }, 'there are more spans than the collector takes in time'],
      ['warn', { dropped: 61 }, 'there are more spans than the collector takes in time'],
    ]);
  });
});
