import { parseArgs } from 'node:util';

/** How the bench is run. */
export interface Options {
  /** Fewer and shorter rounds. */
  readonly short: boolean;
  /** Names of groups; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
  readonly json: string | undefined;
  /** Compare with the committed ratios. */
  readonly check: boolean;
  /** Make this run's ratios the committed ones. */
  readonly update: boolean;
}

export const USAGE = `npm run bench -- [--short] [--only GROUP,…] [--json FILE] [--check] [--update]
`;

/** @throws TypeError for an option that does not exist */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
    },
  });
  return {
    short: values.short || values.check,
    only: values.only === undefined ? undefined : new Set(values.only.split(',').map((name) => name.trim())),
    json: values.json,
    check: values.check,
    update: values.update,
  };
}
