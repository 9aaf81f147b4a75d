// `npm run estimate`: what both caches would have made of a request log, without any provider.
import { estimate, LogEmbedder, readModelFolder } from '@isartor/core/estimate';
import { Presets, SingleBar } from 'cli-progress';
import { ESTIMATE_HELP, estimateOptions, type EstimateOptions } from './estimate/estimate-options.ts';
import { estimateTable } from './estimate/estimate-table.ts';
import { readLogFile } from './estimate/log-file.ts';
import { reason } from './stack/environment.ts';
import { Fault } from './stack/fault.ts';
import { writeJson } from './stack/write-json.ts';

async function main(): Promise<void> {
  const options = estimateOptions(process.argv.slice(2));
  if (options.kind === 'help') {
    process.stdout.write(`${ESTIMATE_HELP}\n`);
    return;
  }
  const log = readLogFile(options.logFile);
  const embedder = await loadEmbedder(options.modelDir);
  const bar = new SingleBar(
    { format: '{bar} {value}/{total} requests', stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(log.length, 0);
  try {
    const result = await estimate(log, embedder, options.settings, (done) => bar.update(done));
    bar.stop();
    process.stdout.write(`${estimateTable(result, options)}\n`);
    if (options.jsonFile !== undefined) writeJson(options.jsonFile, { v: 1, settings: options.settings, ...result });
  } finally {
    bar.stop();
    await embedder.close();
  }
}

async function loadEmbedder(dir: EstimateOptions['modelDir']): Promise<LogEmbedder> {
  try {
    return await LogEmbedder.load(readModelFolder(dir));
  } catch (error) {
    throw new Fault(`the model in ${dir} cannot be used: ${reason(error)}`);
  }
}

main().catch((error: unknown) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`isartor: ${error instanceof Fault ? error.message : text}\n`);
  process.exitCode = 1;
});
