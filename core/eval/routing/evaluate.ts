/**
 * How well requests are chosen for the small model: `npm run eval:routing -- [--data FILE] [--model DIR]… [--json FILE]
 * [--svg FILE]`. Strategies that ask no model server, each judged on subjects that it has not seen. Vectors are kept in
 * the folder for temporary files.
 *
 * And how sure the small model must be of what it said (`layer2.least_confidence`):
 * `npm run eval:routing -- --confidence FILE [--precision SHARE] [--json FILE]`.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { calibrateConfidence } from './confidence-bounds.ts';
import { confidenceReport } from './confidence-report.ts';
import { readJudgedAnswers } from './judged-answers.ts';
import { plot, tableOf } from './report.ts';
import { readRoutedPrompts } from './routed-prompts.ts';
import { evaluateStrategies } from './strategies.ts';

const REFERENCE = fileURLToPath(new URL('../../../../shared', import.meta.url));
const BUILTIN = fileURLToPath(new URL('../../models/builtin', import.meta.url));

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    confidence: { type: 'string' },
    precision: { type: 'string', default: '0.95' },
    model: { type: 'string', multiple: true },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const file = values.data ?? `${REFERENCE}/data/routing/mmlu.jsonl`;
if (values.confidence !== undefined) calibrate(values.confidence);
else if (existsSync(file)) await evaluate();
else {
  const message = values.data === undefined ? 'the reference prompts are not there: give --data FILE' : `no ${file}`;
  process.stderr.write(`SKIPPED: ${message}\n`);
  process.exitCode = values.data === undefined ? 0 : 1;
}

async function evaluate(): Promise<void> {
  const prompts = readRoutedPrompts(file);
  const models = values.model ?? [BUILTIN, `${REFERENCE}/models/all-MiniLM-L6-v2`];
  const reports = await evaluateStrategies(prompts, models, (text) => void process.stderr.write(text));
  const right = (count: number): string => `${((100 * count) / prompts.length).toFixed(1)} %`;
  const small = prompts.filter(({ smallIsRight }) => smallIsRight).length;
  const large = prompts.filter(({ largeIsRight }) => largeIsRight).length;
  const subjects = new Set(prompts.map(({ subject }) => subject)).size;
  process.stderr.write('\n');
  process.stdout.write(
    `${prompts.length} prompts of ${subjects} subjects; right: small model ${right(small)}, large model ${right(large)}\n` +
      `${tableOf(reports)}\n`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, null, 2)}\n`);
  if (values.svg !== undefined) writeFileSync(values.svg, plot(reports));
}

function calibrate(answers: string): void {
  const wanted = Number(values.precision);
  if (!(wanted > 0 && wanted <= 1)) throw new Error(`--precision: ${values.precision}: write a number from 0 to 1`);
  const calibration = calibrateConfidence(readJudgedAnswers(answers), wanted);
  process.stdout.write(`${confidenceReport(calibration)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(calibration, null, 2)}\n`);
}
