import { z } from 'zod';
import { SETTING_GROUPS, SETTING_ROWS } from './config.schema.ts';
import { envNameOf, envNames, yamlNames, type Setting } from './setting.ts';
import { fileNameOf } from './source.ts';

const INTRODUCTION = `# Configuration of the core

Generated from the table of settings (\`core/src/config/\`) by \`core/src/config/write-reference.ts\`; a test keeps it fresh. Do not edit.

- A setting comes from the environment, else from the file, else it has its default. The file is \`isartor.yaml\` in the working directory,
  or the one that \`ISARTOR_CONFIG\` names; [\`isartor.schema.json\`](isartor.schema.json) describes it to editors.
- YAML names are written nested: \`semantic_cache.mode\` is \`mode\` below \`semantic_cache\`. Every YAML name gives an environment name too:
  \`ISARTOR__\`, then the name in capitals with \`__\` for each dot.
- Where two names of one setting disagree, the start warns and the environment wins over the file, and the name in the first column over the others.
- A secret may be read from a file: add \`_FILE\` to its environment name, or \`_file\` to its YAML name. Line ends at the end of the file are cut.
- An empty variable, or a YAML key without a value, counts as not set. A name under \`ISARTOR__\` that is not on this page stops the start, and so
  do an unknown YAML key, a wrong value and a contradiction, with one line for each. \`ISARTOR__CORE_URL\`, \`ISARTOR__EDGE_HEDGE_MS\` and \`ISARTOR__UPSTASH_BASE64\` belong to the edge: accepted here, and not used.
- Bytes may be written with a unit: \`32 MiB\`, \`32Mi\`. Seconds and milliseconds are plain numbers.
`;

/** The page `docs/configuration.md`. */
export function referencePage(): string {
  const groups = SETTING_GROUPS.map(([title, rows]) => {
    const lines = Object.values(rows).map((row) =>
      [code(row.env), code(row.path), otherNames(row), defaultCell(row), meaning(row)]
        .map((cell) => cell.replaceAll('|', '\\|'))
        .join(' | '),
    );
    const header = 'Environment | YAML | other names | default | meaning\n|---|---|---|---|---|';
    return `## ${title}\n\n| ${header}\n${lines.map((line) => `| ${line} |\n`).join('')}`.replace(
      'meaning\n',
      'meaning |\n',
    );
  });
  return [INTRODUCTION, ...groups].join('\n');
}

function code(name: string): string {
  return `\`${name}\``;
}

function otherNames(row: Setting): string {
  const others = [...envNames(row).filter((name) => name !== row.env && name !== envNameOf(row.path)), ...row.aliases];
  return others.map(code).join(', ');
}

function defaultCell(row: Setting): string {
  if (row.default === undefined) return row.defaultText ?? 'none';
  return code(String(row.default)) + (row.unit === undefined || typeof row.default === 'string' ? '' : ` ${row.unit}`);
}

function meaning(row: Setting): string {
  return `${row.doc} Write ${row.type.description ?? 'a text'}.${row.secret ? ' Secret.' : ''}`;
}

/** The JSON Schema of `isartor.yaml`, for editors, as text. */
export function editorSchema(): string {
  const root: Branch = new Map();
  for (const [, row] of SETTING_ROWS) {
    for (const name of yamlNames(row)) {
      const older = name === row.path ? '' : ` Another name of ${row.path}.`;
      const byDefault = row.default === undefined ? (row.defaultText ?? 'none') : String(row.default);
      const description = `${row.doc} Default: ${byDefault}.${older}`;
      place(root, name.split('.'), row.type.optional().meta({ description }));
      if (row.secret) {
        place(
          root,
          fileNameOf(name).split('.'),
          z
            .string()
            .optional()
            .meta({ description: `Path of a file that holds ${name}.` }),
        );
      }
    }
  }
  const schema = z.toJSONSchema(objectOf(root), { io: 'input' });
  return `${JSON.stringify({ title: 'isartor.yaml: configuration of the Isartor core', ...schema }, undefined, 2)}\n`;
}

type Branch = Map<string, z.ZodType | Branch>;

function place(branch: Branch, path: readonly string[], type: z.ZodType): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    branch.set(name, type);
    return;
  }
  const below = branch.get(name);
  const next: Branch = below instanceof Map ? below : new Map();
  branch.set(name, next);
  place(next, rest, type);
}

function objectOf(branch: Branch): z.ZodType {
  return z.strictObject(
    Object.fromEntries(
      [...branch].map(([name, node]) => [name, node instanceof Map ? objectOf(node).optional() : node]),
    ),
  );
}
