import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCalibration } from '../../src/l1b-semantic-cache/calibration.ts';
import { upperBound } from '../measures.ts';

const VERDICT = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  probability: z.number(),
  stratum: z.int().min(0).max(9),
  of: z.int().positive(),
  wrong: z.boolean(),
});
const verdicts = readFileSync(new URL('all-MiniLM-L6-v2.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => VERDICT.parse(JSON.parse(line)));

test('900 different pairs were read, as many from each stratum', () => {
  expect(new Set(verdicts.map(({ id }) => id)).size).toBe(900);
  expect([...Map.groupBy(verdicts, ({ stratum }) => stratum).values()].map(({ length }) => length)).toEqual(
    Array.from({ length: 10 }, () => 90),
  );
});

test.each([
  ['strict', 459, 12, 4.1],
  ['balanced', 713, 40, 7.2],
  ['loose', 900, 71, 9.5],
] as const)('the figures of %s are those that README and calibration state', (point, read, wrong, bound) => {
  const calibration = readCalibration('', 'all-MiniLM-L6-v2');
  const least = calibration?.points[point] ?? Number.NaN;
  const hits = verdicts.filter(({ probability }) => probability >= least);
  expect(hits.length).toBe(read);
  expect(hits.filter((verdict) => verdict.wrong).length).toBe(wrong);
  expect(calibration?.wrong?.[point]).toBeCloseTo(wrong / read, 3);
  expect(calibration?.wrongUpper?.[point]).toBeCloseTo(upperBound(wrong, read), 3);
  expect(100 * upperBound(wrong, read)).toBeCloseTo(bound, 1);
});

const REPLAYED = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  prompts: z.string(),
  point: z.enum(['strict', 'balanced', 'loose']),
  wrong: z.boolean(),
  why: z.string().min(1),
});
const replayed = readFileSync(new URL('replays.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => REPLAYED.parse(JSON.parse(line)));

test('of the replays 100 different pairs were read, and the README states how many are wrong', () => {
  expect(new Set(replayed.map(({ id }) => id)).size).toBe(100);
  const stated = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  for (const [prompts, pairs] of Map.groupBy(replayed, (pair) => pair.prompts)) {
    const cells = ['strict', 'balanced', 'loose'].map((point) => {
      const at = pairs.filter((pair) => pair.point === point);
      return `${at.filter(({ wrong }) => wrong).length} of ${at.length}`;
    });
    expect(stated).toContain(`| ${prompts.replace('.jsonl', '')} | ${cells.join(' | ')} |`);
  }
});
