import { LineCounter, parseDocument } from 'yaml';
import { SETTING_ROWS } from './config.schema.ts';
import { yamlNames } from './setting.ts';
import { fileNameOf, type Given, type Source } from './source.ts';
import { suggestName } from './suggest-name.ts';

const NAMES: ReadonlySet<string> = new Set(
  SETTING_ROWS.flatMap(([, row]) => yamlNames(row).flatMap((name) => (row.secret ? [name, fileNameOf(name)] : [name]))),
);
/** Every name that only holds others, such as `semantic_cache`. */
const GROUPS: ReadonlySet<string> = new Set(
  [...NAMES].filter((name) => name.includes('.')).map((name) => name.slice(0, name.lastIndexOf('.'))),
);

/**
 * Takes the settings of a YAML text. A key without a value counts as not set. What an unknown key holds is never
 * repeated, and of a syntax error only the place is.
 *
 * @param fileName how messages call the file
 */
export function readYaml(text: string, fileName: string): Source {
  const given = new Map<string, Given>();
  const faults: string[] = [];
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    faults.push(`${fileName}: line ${line}, column ${col} is not valid YAML (${error.code}); correct it there`);
  }
  if (faults.length > 0) return { given, faults };

  const take = (group: Readonly<Record<string, unknown>>, prefix: string): void => {
    for (const [key, value] of Object.entries(group)) {
      const path = prefix + key;
      const label = `${path} (${fileName})`;
      if (key.includes('.')) {
        const [first = ''] = key.split('.');
        faults.push(`${label}: a key has no dots; write ${first}: and nest the rest below it`);
      } else if (!NAMES.has(path) && !GROUPS.has(path)) {
        faults.push(unknownKey(label, path));
      } else if (value === null || value === undefined) {
        continue;
      } else if (NAMES.has(path)) {
        given.set(path, { label, value });
      } else if (isGroup(value)) {
        take(value, `${path}.`);
      } else {
        faults.push(`${label}: is a group of settings; write them below it, such as ${path}.${firstOf(path)}`);
      }
    }
  };
  const root: unknown = document.toJS();
  if (isGroup(root)) take(root, '');
  else if (root !== null && root !== undefined) {
    faults.push(`${fileName}: must hold settings by their names, such as \`cache_mode: both\``);
  }
  return { given, faults };
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(label: string, path: string): string {
  const plain = path.replace(/_file$/, '');
  if (plain !== path && NAMES.has(plain)) {
    return `${label}: only secrets are read from a file; set ${plain} to the value itself`;
  }
  const meant = suggestName(path, [...NAMES, ...GROUPS]);
  return meant === undefined
    ? `${label}: no setting has this name; remove it, or take the name from docs/configuration.md`
    : `${label}: no setting has this name; did you mean ${meant}?`;
}

function firstOf(group: string): string {
  const [first = ''] = [...NAMES].filter((name) => name.startsWith(`${group}.`));
  return first.slice(group.length + 1);
}
