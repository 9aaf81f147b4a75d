/**
 * How well requests are chosen for the small model: `npm run eval:routing -- [--data FILE] [--model DIR]… [--json FILE]
 * [--svg FILE]`. Strategies that ask no model server, each judged on subjects that it has not seen. Vectors are kept in
 * the folder for temporary files.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plot, tableOf } from './report.ts';
import { readRoutedPrompts } from './routed-prompts.ts';
import { evaluateStrategies } from './strategies.ts';

const REFERENCE = fileURLToPath(new URL('../../../../shared', import.meta.url));
const BUILTIN = fileURLToPath(new URL('../../models/builtin', import.meta.url));

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', multiple: true },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});

const file = values.data ?? `${REFERENCE}/data/routing/mmlu.jsonl`;
if (existsSync(file)) await evaluate();
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
