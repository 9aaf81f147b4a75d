import type { z } from 'zod';

/** What every environment name of ours begins with. `ISARTOR_` with a single underscore is not ours to check. */
export const ENV_PREFIX = 'ISARTOR__';

/** One row of the table of settings: everything that reading, checking and documenting it needs. */
export interface Setting {
  /** Its name in `isartor.yaml`, levels parted by dots. */
  readonly path: string;
  /** Further names in `isartor.yaml`, strongest first: flat ones, and those of earlier versions. */
  readonly aliases: readonly string[];
  /** The environment name to recommend. Every YAML name gives one too (see {@link envNames}). */
  readonly env: string;
  /** Accepts what the file holds and what an environment variable says; its description completes "write …". */
  readonly type: z.ZodType;
  /** In the form an operator would write, or undefined: none. */
  readonly default: string | number | boolean | undefined;
  /** For the reference where `default` cannot say it. */
  readonly defaultText?: string;
  readonly unit?: 'seconds' | 'milliseconds' | 'bytes' | 'bytes per second' | 'entries' | 'requests';
  /** Never shown in a message; may be read from a file through its `_FILE` name. */
  readonly secret: boolean;
  /** One line for the reference. */
  readonly doc: string;
}

/** The value a row yields: with a default it is always there. */
export type ValueOf<Row> = Row extends { readonly type: infer Type extends z.ZodType; readonly default: infer Default }
  ? Default extends undefined
    ? z.output<Type> | undefined
    : z.output<Type>
  : never;

type RowInput = Pick<Setting, 'path' | 'type' | 'doc'> & Partial<Setting>;
type Filled<Row extends RowInput> = Omit<Setting, 'type' | 'default'> & {
  readonly type: Row['type'];
  readonly default: Row extends { readonly default: infer Default } ? Default : undefined;
};

/** Fills in what a row leaves out, and keeps the exact types of `type` and `default`. */
export function setting<const Row extends RowInput>(row: Row): Filled<Row>;
export function setting(row: RowInput): Setting {
  return { aliases: [], env: envNameOf(row.path), default: undefined, secret: false, ...row };
}

/** `semantic_cache.mode` → `ISARTOR__SEMANTIC_CACHE__MODE`. */
export function envNameOf(path: string): string {
  return ENV_PREFIX + path.toUpperCase().replaceAll('.', '__');
}

/** All YAML names of a setting, strongest first. */
export function yamlNames(row: Setting): readonly string[] {
  return [row.path, ...row.aliases];
}

/** All environment names of a setting, strongest first: the recommended one, then one for each YAML name. */
export function envNames(row: Setting): readonly string[] {
  return [...new Set([row.env, ...yamlNames(row).map(envNameOf)])];
}
