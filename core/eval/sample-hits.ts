/**
 * Draws hits for reading by hand: `node --conditions=isartor-source eval/sample-hits.ts MODEL_DIR PAIRS OUT [COUNT]`.
 * Of the held-out pairs those that hit at the loose point, drawn in equal numbers from ten strata of their probability.
 * OUT gets the texts without their label, for the reader's eyes alone; the verdicts are kept by `id` (verdicts/README.md).
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { probabilityOf } from '../src/l1b-semantic-cache/verifier/head.ts';
import { readCalibration } from './calibration.ts';
import { mulberry32 } from './measures.ts';
import { pairId, partOf, readPairs } from './pairs.ts';
import { scorePairs } from './scored-pairs.ts';

const STRATA = 10;
const SEED = 900;

const [modelDir, pairsFile, outFile, count = '900'] = process.argv.slice(2);
if (modelDir === undefined || pairsFile === undefined || outFile === undefined) {
  throw new Error('usage: sample-hits.ts MODEL_DIR PAIRS OUT [COUNT]');
}
const calibration = readCalibration(basename(modelDir));
if (calibration === undefined) throw new Error(`nothing is calibrated for ${basename(modelDir)}`);
const { head, threshold, points } = calibration;
const pairs = readPairs(pairsFile).filter((pair) => partOf(pair) === 'held-out');
const scored = await scorePairs(pairs, readModelFolder(modelDir), () => undefined);
const hits = pairs
  .flatMap((pair, at) => {
    const { cosine = -1, features, guard } = scored[at] ?? {};
    if (features === undefined || guard !== undefined || cosine < threshold) return [];
    const probability = probabilityOf(head, features);
    return probability >= points.loose ? [{ id: pairId(pair), a: pair.a, b: pair.b, probability }] : [];
  })
  .toSorted((a, b) => a.probability - b.probability);
const random = mulberry32(SEED);
const drawn = Array.from({ length: STRATA }, (_one, stratum) => {
  const [from, to] = [stratum, stratum + 1].map((edge) => Math.floor((edge * hits.length) / STRATA));
  const members = hits.slice(from, to).map((hit) => ({ ...hit, stratum, of: (to ?? 0) - (from ?? 0), key: random() }));
  return members.toSorted((a, b) => a.key - b.key).slice(0, Math.floor(Number(count) / STRATA));
});
// Mixed, so that the reader does not see from the place how sure the verifier was.
const mixed = drawn.flat().toSorted((a, b) => a.id.localeCompare(b.id));
const lines = mixed.map(({ id, a, b, probability, stratum, of }) =>
  JSON.stringify({ id, a, b, probability, stratum, of }),
);
writeFileSync(outFile, `${lines.join('\n')}\n`);
process.stdout.write(`${hits.length} hits, ${mixed.length} drawn\n`);
