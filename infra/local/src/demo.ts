// `npm run demo`: replays a workload through the edge and says what the layers made of it.
import { Presets, SingleBar } from 'cli-progress';
import OpenAI from 'openai';
import { DEMO_HELP, demoOptions, type DemoOptions } from './demo/demo-options.ts';
import { demoStack, type DemoStack } from './demo/demo-stack.ts';
import type { Measurement } from './demo/measure.ts';
import { readPromptsFile, type DemoPrompt } from './demo/prompts-file.ts';
import { ask } from './demo/replay.ts';
import { reportTable } from './demo/report-table.ts';
import { reportOf, type DemoReport } from './demo/report.ts';
import { Fault } from './stack/fault.ts';
import { STATE_DIR } from './stack/paths.ts';
import { stopSignal } from './stack/stop-signal.ts';
import { writeJson } from './stack/write-json.ts';

/** What a stand-in's answers are priced as. */
const AS_IF_MODEL = 'gpt-4o-mini';
const MOST_FAILURES_SHOWN = 3;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const options = demoOptions(process.argv.slice(2));
  if (options.help) {
    say(DEMO_HELP);
    return 0;
  }
  const prompts = readPromptsFile(options.promptsFile);
  const stopped = stopSignal(() => process.exit(130));
  const stack = await demoStack(process.env, STATE_DIR, say);
  try {
    const outcome = await Promise.race([replay(stack, prompts, options), stopped]);
    if (outcome === 'stopped') return 130;
    say(reportTable(outcome));
    if (options.jsonFile !== undefined) writeJson(options.jsonFile, outcome);
    return outcome.failed === 0 ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

async function replay(stack: DemoStack, prompts: readonly DemoPrompt[], options: DemoOptions): Promise<DemoReport> {
  const client = new OpenAI({ baseURL: stack.baseUrl, apiKey: stack.key, maxRetries: 0 });
  const model = options.model ?? stack.model;
  const measurements: Measurement[] = [];
  const bar = new SingleBar(
    {
      format: '{bar} {value}/{total} requests, {deflected} before the cloud',
      noTTYOutput: true,
      notTTYSchedule: 5_000,
    },
    Presets.shades_classic,
  );
  const began = performance.now();
  bar.start(prompts.length, 0, { deflected: 0 });
  let deflected = 0;
  try {
    // One after another: two equal questions at once would both be misses and blur what the cache can do.
    for (const prompt of prompts) {
      const measurement = await ask(client, model, prompt);
      measurements.push(measurement);
      if (measurement.deflected) deflected += 1;
      bar.increment(1, { deflected });
    }
  } finally {
    bar.stop();
  }
  const failures = measurements.filter((one) => one.error !== undefined);
  for (const failure of failures.slice(0, MOST_FAILURES_SHOWN)) say(`failed: ${failure.error}`);
  const pricing = stack.standin ? { model: AS_IF_MODEL, asIf: true } : { model, asIf: false };
  return reportOf(measurements, pricing, (performance.now() - began) / 1000);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `isartor: ${error instanceof Fault ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
