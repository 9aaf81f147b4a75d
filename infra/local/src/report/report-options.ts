import { parseArgs } from 'node:util';
import { reason } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';

/** The command line of the report. */
export interface ReportOptions {
  /** Where the report goes as JSON. */
  readonly jsonFile: string | undefined;
  /** Undefined: all. */
  readonly tenant: string | undefined;
  /** The model whose price counts for models without one. */
  readonly asIf: string | undefined;
  readonly help: boolean;
}

/** What `--help` prints. */
export const REPORT_HELP = `npm run report -- [--tenant T] [--as-if MODEL] [--json FILE]

  --tenant T      one tenant's alone
  --as-if MODEL   the price list's model that counts where a model has no price, or costs nothing (a local one, a stand-in)
  --json FILE     writes the report there too

What the semantic cache in shadow mode would have served in the last seven days, by tenant and model, and the 50 pairs
it was least sure of: their texts where semantic_cache.log_pairs is on, else the digests of their keys.
Asks the core at ISARTOR_CORE_URL (else that of npm start, else http://127.0.0.1:8080) with the key in
ISARTOR__ADMIN_KEY or in the file that ISARTOR__ADMIN_KEY_FILE names.`;

/** @throws Fault on an unknown option */
export function reportOptions(args: readonly string[]): ReportOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        tenant: { type: 'string' },
        'as-if': { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return { jsonFile: values.json, tenant: values.tenant, asIf: values['as-if'], help: values.help === true };
  } catch (error) {
    throw new Fault(`${reason(error)}; npm run report -- --help lists the options`);
  }
}
