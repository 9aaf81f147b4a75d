import { parseArgs } from 'node:util';
import { reason } from '../stack/environment.ts';
import { Fault } from '../stack/fault.ts';

/** What the command line asks for. */
export type CliCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'show'; readonly tenant: string; readonly force: boolean }
  | (ChangeFlags & { readonly kind: 'purge'; readonly entry: string | undefined })
  | (ChangeFlags & { readonly kind: 'off' | 'on'; readonly layer: string });

interface ChangeFlags {
  readonly tenant: string;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** What `--help` prints. */
export const CLI_HELP = `npm run isartor -- <command> [options]

  cache purge              every stored answer of a tenant is gone, at the edge within 5 s
  cache purge --entry X    one stored answer; X is the x-isartor-entry of the wrong one
  cache off LAYER          stop serving stored answers of a layer (l1a, l1b, l2, l3); also: off LAYER
  cache on LAYER           serve them again; also: on LAYER
  cache show               what is in force

  --tenant T    whose (default: default)
  --dry-run     say what would change, and change nothing
  --force       also for a tenant that has no key in the core's configuration
  --help        this text

Asks the core at ISARTOR_CORE_URL (else that of npm start, else http://127.0.0.1:8080) with the key in
ISARTOR__ADMIN_KEY or in the file that ISARTOR__ADMIN_KEY_FILE names.`;

const HINT = 'npm run isartor -- --help lists the commands';

/** @throws Fault on what is no command */
export function cliOptions(args: readonly string[]): CliCommand {
  const { values, positionals } = parsed(args);
  if (values.help === true || positionals.length === 0) return { kind: 'help' };
  const [command = '', ...rest] = positionals[0] === 'cache' ? positionals.slice(1) : positionals;
  const { tenant = 'default', entry } = values;
  const flags = { tenant, dryRun: values['dry-run'] === true, force: values.force === true };
  if (entry !== undefined && command !== 'purge') throw new Fault(`--entry belongs to cache purge; ${HINT}`);
  switch (command) {
    case 'off':
    case 'on':
      return { kind: command, layer: onlyLayer(command, rest), ...flags };
    case 'purge':
      refuseMore(command, rest);
      return { kind: 'purge', entry, ...flags };
    case 'show':
      refuseMore(command, rest);
      return { kind: 'show', tenant, force: flags.force };
    default:
      throw new Fault(`${command === '' ? 'cache takes a command' : `there is no command ${command}`}; ${HINT}`);
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        tenant: { type: 'string' },
        entry: { type: 'string' },
        'dry-run': { type: 'boolean' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new Fault(`${reason(error)}; ${HINT}`);
  }
}

function onlyLayer(command: string, rest: readonly string[]): string {
  const [layer, ...more] = rest;
  if (layer === undefined) throw new Fault(`${command} takes a layer, such as l1b; ${HINT}`);
  refuseMore(`${command} ${layer}`, more);
  return layer;
}

function refuseMore(command: string, rest: readonly string[]): void {
  if (rest.length > 0) throw new Fault(`${command} takes nothing more, but there is ${rest.join(' ')}; ${HINT}`);
}
