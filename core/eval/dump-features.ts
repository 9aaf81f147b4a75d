/**
 * Writes the features of pairs for the training of a head: `node --conditions=isartor-source eval/dump-features.ts
 * MODEL_DIR PAIRS OUT [NAMES]`; NAMES gets the names of the features. Each line of OUT: `{"f": numbers, "same": 0 or 1, "guard": rule or null, …what the pair had}`.
 */
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { readModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { PAIR_FEATURES } from '../src/l1b-semantic-cache/verifier/pair-features.ts';
import { scorePairs } from './scored-pairs.ts';

const [modelDir, pairsFile, outFile, namesFile] = process.argv.slice(2);
if (modelDir === undefined || pairsFile === undefined || outFile === undefined) {
  throw new Error('usage: dump-features.ts MODEL_DIR PAIRS OUT [NAMES]');
}
if (namesFile !== undefined) writeFileSync(namesFile, JSON.stringify(PAIR_FEATURES));
const lines = readFileSync(pairsFile, 'utf8').trimEnd().split('\n');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own script; a wrong line fails below
const pairs = lines.map((line) => JSON.parse(line) as { readonly a: string; readonly b: string });
const scored = await scorePairs(pairs, readModelFolder(modelDir), (done, all) => {
  process.stderr.write(`\r${done}/${all} texts`);
});
const out = createWriteStream(outFile);
for (const [at, { features, guard }] of scored.entries()) {
  const line = `${JSON.stringify({ ...pairs[at], f: features ?? null, guard: guard ?? null })}\n`;
  if (!out.write(line)) await once(out, 'drain');
}
out.end();
await once(out, 'close');
