import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../measures.ts';
import { calibrateConfidence } from './confidence-bounds.ts';
import { readJudgedAnswers, type JudgedAnswer } from './judged-answers.ts';

const answers = (count: number, confidence: number, right: boolean): JudgedAnswer[] =>
  Array.from({ length: count }, () => ({ confidence, right }));
const folder = mkdtempSync(join(tmpdir(), 'confidence-'));
const fileOf = (text: string): string => {
  const file = join(folder, 'answers');
  writeFileSync(file, text);
  return file;
};

describe('a bound on the confidence', () => {
  const mixed = [...answers(100, 0.9, true), ...answers(60, 0.29, true), ...answers(40, 0.29, false)];

  test('lets pass what is as sure, and no less', () => {
    const { bounds } = calibrateConfidence(mixed, 0.95);
    expect(bounds[29]).toMatchObject({ bound: 0.29, share: 1, precision: 0.8 });
    expect(bounds[30]).toMatchObject({ bound: 0.3, share: 0.5, precision: 1 });
    expect(bounds[91]).toMatchObject({ share: 0 });
  });

  test('is the least one that reaches what is wanted', () => {
    expect(calibrateConfidence(mixed, 0.8)).toMatchObject({ least: 0, sure: 0.3 });
    expect(calibrateConfidence(mixed, 0.95)).toMatchObject({ least: 0.3, sure: 0.3 });
    expect(calibrateConfidence(answers(50, 0.9, false), 0.5)).toMatchObject({ least: undefined, sure: undefined });
  });

  test('is not sure by a handful of answers, were they all right', () => {
    const { least, sure, bounds } = calibrateConfidence(answers(5, 0.9, true), 0.95);
    expect([least, sure]).toEqual([0, undefined]);
    expect(bounds[0]?.intervals.precision).toEqual({ low: 1, high: 1 });
    expect(bounds[0]?.precisionAtLeast).toBeLessThan(0.7);
  });

  test('has intervals as wide as those of the binomial distribution, the same in every run', () => {
    const random = mulberry32(3);
    const many = Array.from({ length: 2_000 }, () => ({ confidence: 0.5, right: random() < 0.8 }));
    const { bounds } = calibrateConfidence(many, 0.9);
    const { low = 0, high = 0 } = bounds[0]?.intervals.precision ?? {};
    expect(high - low).toBeCloseTo(2 * 1.96 * Math.sqrt((0.8 * 0.2) / 2_000), 2);
    expect(calibrateConfidence(many, 0.9)).toEqual(calibrateConfidence(many, 0.9));
  });
});

describe('judged answers', () => {
  test('are read line by line, and a bad line is named', () => {
    expect(readJudgedAnswers(fileOf('{"confidence":0.5,"right":true}\n\n{"confidence":1,"right":false}\n'))).toEqual([
      { confidence: 0.5, right: true },
      { confidence: 1, right: false },
    ]);
    for (const bad of ['{"confidence":2,"right":true}', '{"confidence":0.5}', '{']) {
      expect(() => readJudgedAnswers(fileOf(`{"confidence":0,"right":true}\n${bad}`))).toThrow(/line 2: /);
    }
    expect(() => readJudgedAnswers(fileOf('\n'))).toThrow(/no answer in it/);
  });

  test('are taken from the metrics of several cores by the lower end of their buckets', () => {
    const bucket = (agreement: string, le: string, count: number): string =>
      `isartor_l2_agreement_confidence_bucket{agreement="${agreement}",le="${le}"} ${count}`;
    const core = [
      '# TYPE isartor_l2_agreement_confidence histogram',
      ...[bucket('same', '0.5', 0), bucket('same', '0.9', 1), bucket('same', '1', 1), bucket('same', '+Inf', 1)],
      ...[bucket('alike', '0.9', 0), bucket('alike', '1', 1), bucket('alike', '+Inf', 1)],
      ...[bucket('different', '0.5', 1), bucket('different', '0.9', 1), bucket('different', '+Inf', 1)],
      'isartor_l2_agreement_confidence_count{agreement="same"} 1',
    ].join('\n');
    const read = readJudgedAnswers(fileOf(`${core}\n${core}\n`));
    expect(read.toSorted((a, b) => a.confidence - b.confidence)).toEqual([
      ...answers(2, 0, false),
      ...answers(2, 0.5, true),
      ...answers(2, 0.9, true),
    ]);
  });
});

test('the command tells which bound to set, and writes it as JSON', () => {
  const lines = [...answers(200, 0.875, true), ...answers(100, 0.4, false)].map((answer) => JSON.stringify(answer));
  const json = join(folder, 'out.json');
  const command = ['--conditions=isartor-source', join(import.meta.dirname, 'evaluate.ts')];
  const args = ['--confidence', fileOf(lines.join('\n')), '--precision', '0.9', '--json', json];
  const said = execFileSync(process.execPath, [...command, ...args], { encoding: 'utf8', timeout: 20_000 });
  expect(said).toContain('(layer2.least_confidence): 0.41 (100.0 %');
  expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ answers: 300, wanted: 0.9, least: 0.41, sure: 0.41 });
});
