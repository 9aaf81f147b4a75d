/**
 * How often the semantic cache is wrong: `npm run eval:semantic -- [--model DIR]… [--int8] [--pairs FILE] [--part dev|held-out|all]
 * [--json FILE] [--svg FILE]`. Without `--pairs` the suites alone are judged, and the reference pairs where they are
 * there. `--int8`: the folders' model_quantized.onnx. Vectors are kept in the folder for temporary files.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { evaluateModel, type ModelEvaluation } from './model-evaluation.ts';
import { partOf, readPairs, type Pair } from './pairs.ts';
import { plot } from './plot.ts';
import { tableOf } from './report-table.ts';

const REFERENCE_MODEL = fileURLToPath(new URL('../../../shared/models/all-MiniLM-L6-v2', import.meta.url));
const REFERENCE_PAIRS = fileURLToPath(new URL('../../../shared/data/pairs/qqp.jsonl', import.meta.url));
const BUILTIN = fileURLToPath(new URL('../models/builtin', import.meta.url));
const PARTS = ['dev', 'held-out', 'all'] as const;

const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true },
    int8: { type: 'boolean' },
    pairs: { type: 'string' },
    part: { type: 'string' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const evaluations: ModelEvaluation[] = [];
const pairs = pairsOf(values.pairs, values.part);
const weights = values.int8 === true ? 'model_quantized.onnx' : undefined;
// The built-in model has no other weights.
for (const dir of values.model ?? (weights === undefined ? [REFERENCE_MODEL, BUILTIN] : [REFERENCE_MODEL])) {
  if (values.model === undefined && !existsSync(dir)) process.stderr.write(`SKIPPED: there is no ${dir}\n`);
  else evaluations.push(await evaluateModel(readModelFolder(dir, weights), pairs, tell));
}
process.stderr.write('\n');
process.stdout.write(`${evaluations.map(tableOf).join('\n\n')}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(evaluations, null, 2)}\n`);
if (values.svg !== undefined) writeFileSync(values.svg, plot(evaluations));

function tell(done: number, all: number): void {
  process.stderr.write(`\r${done}/${all} texts `);
}

/** One's own pairs count whole; of the reference pairs only the part that nothing was tuned on. */
function pairsOf(file: string | undefined, wanted: string | undefined): readonly Pair[] {
  const part = PARTS.find((name) => name === (wanted ?? (file === undefined ? 'held-out' : 'all')));
  if (part === undefined) throw new Error(`--part is ${wanted}, and must be one of ${PARTS.join(', ')}`);
  if (file === undefined && !existsSync(REFERENCE_PAIRS)) {
    process.stderr.write('SKIPPED: no --pairs, and the reference pairs are not there: the suites alone are judged\n');
    return [];
  }
  return readPairs(file ?? REFERENCE_PAIRS).filter((pair) => part === 'all' || partOf(pair) === part);
}
