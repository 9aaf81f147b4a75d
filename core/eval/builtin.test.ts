import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { probabilityOf } from '../src/l1b-semantic-cache/verifier/head.ts';
import { readCalibration } from './calibration.ts';
import { scorePairs } from './scored-pairs.ts';
import { readSuite } from './suites/read-suite.ts';

const DIR = fileURLToPath(new URL('../models/builtin', import.meta.url));

test('the built-in embedder is at most 8 MiB', () => {
  const bytes = readdirSync(DIR).reduce((sum, file) => sum + statSync(join(DIR, file)).size, 0);
  expect(bytes).toBeLessThan(8 * 1024 * 1024);
});

test('at its strict point hardly any flip hits, and about half of the benign rewordings do', async () => {
  const calibration = readCalibration('builtin');
  if (calibration === undefined) throw new Error('nothing is calibrated for the built-in embedder');
  const { head, threshold, points } = calibration;
  const hitRate = async (name: 'flip' | 'benign') => {
    const scored = await scorePairs(readSuite(name), readModelFolder(DIR), () => undefined);
    const hits = scored.filter(
      ({ cosine = -1, guard, features }) =>
        cosine >= threshold &&
        guard === undefined &&
        features !== undefined &&
        probabilityOf(head, features) >= points.strict,
    );
    return hits.length / scored.length;
  };
  expect(await hitRate('flip')).toBeLessThanOrEqual(0.01);
  expect(await hitRate('benign')).toBeGreaterThan(0.45);
});
