import { SETTING_ROWS, WORKER_ONLY_ENV } from './config.schema.ts';
import { ENV_PREFIX, envNames } from './setting.ts';
import { fileNameOf, type Given, type Source } from './source.ts';
import { suggestName } from './suggest-name.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the file, when it is not `./isartor.yaml`. */
export const CONFIG_FILE_VARIABLE = 'ISARTOR_CONFIG';

const NAMES = SETTING_ROWS.flatMap(([, row]) =>
  envNames(row).flatMap((name) => (row.secret ? [name, fileNameOf(name)] : [name])),
);
const KNOWN = new Set([...NAMES, ...WORKER_ONLY_ENV]);
const SUGGESTED = [...KNOWN, CONFIG_FILE_VARIABLE];

/**
 * Takes the variables that are ours. An empty one counts as not set (Compose passes `${UNSET}` on as empty). The value
 * of an unknown one is never repeated: it may be a secret under a misspelt name.
 */
export function readEnvironment(env: Environment): Source {
  const given = new Map<string, Given>();
  const faults: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || value === undefined) continue;
    if (!KNOWN.has(name)) faults.push(unknownName(name));
    else if (value.trim() !== '') given.set(name, { label: name, value });
  }
  return { given, faults };
}

function unknownName(name: string): string {
  const plain = name.replace(/_FILE$/, '');
  if (plain !== name && KNOWN.has(plain)) {
    return `${name}: only secrets are read from a file; set ${plain} to the value itself`;
  }
  const meant = suggestName(name, SUGGESTED);
  return meant === undefined
    ? `${name}: no setting has this name; remove it, or take the name from docs/configuration.md`
    : `${name}: no setting has this name; did you mean ${meant}?`;
}
