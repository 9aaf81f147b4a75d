import { pino } from 'pino';
import { expect, test } from 'vitest';
import { readCalibration } from './calibration.ts';
import { logStart, type StartedLookup } from './log-start.ts';
import type { SemanticCacheReport } from './semantic-cache-health.ts';
import { SemanticLookup, type SemanticLookupSettings } from './semantic-lookup.ts';
import { AbsentEmbedder } from './adapters/absent-embedder.ts';
import { MemoryVectorIndex } from './adapters/memory-vector-index.ts';

const UP: SemanticCacheReport = {
  status: 'up',
  mode: 'serve',
  embedder: { status: 'up' },
  index: { status: 'up' },
};
const EMBEDDER_DOWN: SemanticCacheReport = { ...UP, status: 'down', embedder: { status: 'down' } };
const INDEX_DOWN: SemanticCacheReport = { ...UP, status: 'down', index: { status: 'down' } };

/** A lookup with the calibration that is shipped for a model; none: there is no embedder. */
function lookupOf(
  model: string | undefined,
  { threshold = 0.85, point = 'strict' }: Partial<Pick<SemanticLookupSettings, 'threshold' | 'point'>> = {},
): StartedLookup {
  const calibration = model === undefined ? undefined : readCalibration('', model);
  const embedder = Object.assign(new AbsentEmbedder('not started'), { calibration, threshold: calibration?.threshold });
  const store = { read: () => Promise.reject(new Error('not asked')) };
  const settings = {
    policy: '',
    ttlSecs: 1,
    threshold,
    point,
    embedMs: 1,
    disabledLayers: [],
    isVolatile: () => false,
  };
  return new SemanticLookup(embedder, new MemoryVectorIndex(1), store, settings);
}

function logged(report: SemanticCacheReport, lookup: StartedLookup): [level: number, message: string][] {
  const lines: [number, string][] = [];
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    lines.push([level, msg]);
  };
  logStart(pino({}, { write }), report, lookup);
  return lines;
}

const INFO = 30;
const WARN = [40, expect.stringContaining('below what this embedder is calibrated for')];

test.each([
  ['strict', '2.6 % of the hits that were read were wrong (upper 95 % bound 4.1 %)'],
  ['balanced', '5.6 % of the hits that were read were wrong (upper 95 % bound 7.2 %)'],
  ['loose', '7.9 % of the hits that were read were wrong (upper 95 % bound 9.5 %)'],
] as const)('the start names the reference model’s point %s with what was measured', (point, told) => {
  const message = `the semantic cache (L1b) is on; at its point ${point}, ${told}`;
  expect(logged(UP, lookupOf('all-MiniLM-L6-v2', { point }))).toEqual([[INFO, message]]);
});

test.each(['builtin', undefined])('where no hits were read (%s), it says so', (model) => {
  expect(logged(UP, lookupOf(model))).toEqual([[INFO, expect.stringContaining('not measured by reading')]]);
});

test.each([
  ['all is up', UP],
  ['the embedder is down', EMBEDDER_DOWN],
  ['the index is down', INDEX_DOWN],
])('a threshold below the calibrated one is warned of when %s', (_what, report) => {
  const [first, ...others] = logged(report, lookupOf('builtin', { threshold: 0.8 }));
  expect([first?.[0], others]).toEqual([INFO, [WARN]]);
  expect(logged(report, lookupOf('builtin'))).toHaveLength(1);
});

test('without an embedder there is nothing to be below of', () => {
  expect(logged(EMBEDDER_DOWN, lookupOf(undefined, { threshold: 0.1 }))).toEqual([
    [INFO, 'the semantic cache (L1b) is not available'],
  ]);
});
