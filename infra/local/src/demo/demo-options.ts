import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reason } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';
import { ROOT } from '../stack/paths.ts';

/** The command line of the demo. */
export interface DemoOptions {
  readonly promptsFile: string;
  /** Where the report goes as JSON. */
  readonly jsonFile: string | undefined;
  /** Asked for in place of the stack's own model. */
  readonly model: string | undefined;
  readonly help: boolean;
}

/** What `--help` prints. */
export const DEMO_HELP = `npm run demo -- [--prompts FILE] [--json FILE] [--model NAME]

  --prompts FILE   JSON Lines of {"prompt": "…"}, "stream": true where wanted (default: a workload of our own)
  --json FILE      writes the closing figures there too
  --model NAME     the model to ask for (default: the stack's)

Uses the stack that is running (ISARTOR_EDGE_URL, else the one of npm start), or starts one and stops it afterwards.`;

/** @throws Fault on an unknown option */
export function demoOptions(args: readonly string[]): DemoOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        prompts: { type: 'string' },
        json: { type: 'string' },
        model: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return {
      promptsFile: values.prompts ?? join(ROOT, 'infra', 'local', 'data', 'demo-prompts.jsonl'),
      jsonFile: values.json,
      model: values.model,
      help: values.help === true,
    };
  } catch (error) {
    throw new Fault(`${reason(error)}; npm run demo -- --help lists the options`);
  }
}
