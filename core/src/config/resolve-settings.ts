import { SETTING_ROWS, type SettingKey, type SettingValues } from './config.schema.ts';
import { envNames, yamlNames, type Setting } from './setting.ts';
import { showValue } from './show-value.ts';
import { fileNameOf, type Given, type Source } from './source.ts';

/** Reads the text of a file; throws what `node:fs` throws. */
export type ReadFile = (path: string) => string;

/** The settings after reading, with what is needed to judge them together. */
export interface ResolvedSettings {
  /** A faulty setting has its default here. */
  readonly values: SettingValues;
  /** The settings that were given, and the name that won. */
  readonly given: ReadonlyMap<SettingKey, string>;
  /** The values that were given, as a message may show them. */
  readonly shown: ReadonlyMap<SettingKey, string>;
  /** The settings whose value cannot be used. */
  readonly faulty: ReadonlySet<SettingKey>;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

type Reading = { readonly label: string; readonly value: unknown; readonly shown: string } | { readonly fault: string };

/**
 * Chooses and checks the value of every setting: environment before file, and in each the stronger name first. All
 * values given for a setting are checked, the losing ones too; where two differ, a warning names both and the winner.
 */
export function resolveSettings(environment: Source, yaml: Source, readFile: ReadFile): ResolvedSettings {
  const values: Record<string, unknown> = {};
  const given = new Map<SettingKey, string>();
  const shown = new Map<SettingKey, string>();
  const faulty = new Set<SettingKey>();
  const faults: string[] = [];
  const warnings: string[] = [];
  for (const [key, row] of SETTING_ROWS) {
    const names = [...candidates(environment, row, envNames(row)), ...candidates(yaml, row, yamlNames(row))];
    const readings = names.map((candidate) => read(row, candidate, readFile));
    const usable = readings.filter((reading) => 'label' in reading);
    const [winner, ...losers] = usable;
    values[key] = winner === undefined ? defaultOf(row) : winner.value;
    if (winner !== undefined) {
      given.set(key, winner.label);
      shown.set(key, winner.shown);
    }
    if (usable.length < readings.length) faulty.add(key);
    for (const reading of readings) if ('fault' in reading) faults.push(reading.fault);
    for (const loser of losers) {
      if (winner === undefined || JSON.stringify(loser.value) === JSON.stringify(winner.value)) continue;
      warnings.push(
        `${winner.label} ${winner.shown} and ${loser.label} ${loser.shown} set the same thing: ${winner.label} wins`,
      );
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every key has been filled above, by its own row's type
  return { values: values as SettingValues, given, shown, faulty, faults, warnings };
}

/** The name to speak of a setting by: the one it was given under, else the recommended one. */
export function nameOf(key: SettingKey, given: ReadonlyMap<SettingKey, string>): string {
  return given.get(key) ?? SETTING_ROWS.find(([candidate]) => candidate === key)?.[1].env ?? key;
}

interface Candidate extends Given {
  readonly file: boolean;
}

function candidates(source: Source, row: Setting, names: readonly string[]): readonly Candidate[] {
  return names.flatMap((name) => {
    const direct = source.given.get(name);
    const file = row.secret ? source.given.get(fileNameOf(name)) : undefined;
    return [
      ...(direct === undefined ? [] : [{ ...direct, file: false }]),
      ...(file === undefined ? [] : [{ ...file, file: true }]),
    ];
  });
}

function read(row: Setting, candidate: Candidate, readFile: ReadFile): Reading {
  const { label } = candidate;
  let { value } = candidate;
  if (candidate.file) {
    const content = secretFrom(value, readFile);
    if ('fault' in content) return { fault: `${label}: ${content.fault}` };
    value = content.text;
  }
  const shown = showValue(value, row.secret);
  const parsed = row.type.safeParse(value);
  if (parsed.success) return { label, value: parsed.data, shown };
  const own = parsed.error.issues.find((issue) => issue.code === 'custom');
  const rest = own === undefined ? `is not usable; write ${row.type.description ?? 'another value'}` : own.message;
  return { fault: `${label}: ${shown} ${rest}` };
}

function secretFrom(path: unknown, readFile: ReadFile): { readonly text: string } | { readonly fault: string } {
  if (typeof path !== 'string')
    return { fault: `${showValue(path, true)} is not a path; write the path of the secret's file` };
  // What does not look like a path may be the secret itself.
  const shown = /^(\.{0,2}[/\\]|[A-Za-z]:\\)/.test(path) ? path : showValue(path, true);
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    return { fault: `the file ${shown} cannot be read (${code}); mount it there, or correct the path` };
  }
  text = text.replace(/[\r\n]+$/, '');
  return text === '' ? { fault: `the file ${shown} is empty; write the secret into it` } : { text };
}

function defaultOf(row: Setting): unknown {
  return row.default === undefined ? undefined : row.type.parse(row.default);
}
