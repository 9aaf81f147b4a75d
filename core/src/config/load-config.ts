import { readFileSync } from 'node:fs';
import { azureIdentityOf } from './azure-identity.ts';
import { ConfigError } from './config-error.ts';
import { toConfig, type Config } from './config.ts';
import { contradictions } from './contradictions.ts';
import { CONFIG_FILE_VARIABLE, readEnvironment, type Environment } from './read-environment.ts';
import { settingsInForce, type SettingInForce } from './in-force.ts';
import { readYaml } from './read-yaml.ts';
import { resolveSettings, type ReadFile } from './resolve-settings.ts';
import type { Source } from './source.ts';

const DEFAULT_FILE = 'isartor.yaml';
const NOTHING: Source = { given: new Map(), faults: [] };

/** What is read. */
export interface ConfigSources {
  readonly env: Environment;
  /** The text of `isartor.yaml`, where there is one. */
  readonly yamlText?: string;
  /** How messages call that file. */
  readonly yamlName?: string;
  /** Reads the files that `*_FILE` names; by default from the disk. */
  readonly readFile?: ReadFile;
}

/** A configuration that can be used, and what the operator should know about it: one line each, no secrets. */
export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: readonly string[];
  /** Every setting as it holds, for the audit log. */
  readonly inForce: readonly SettingInForce[];
}

/** Defaults, below the file, below the environment. Throws ConfigError with all faults at once. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const environment = readEnvironment(sources.env);
  const yaml = sources.yamlText === undefined ? NOTHING : readYaml(sources.yamlText, sources.yamlName ?? DEFAULT_FILE);
  const resolved = resolveSettings(environment, yaml, sources.readFile ?? readText);
  const together = contradictions(resolved);
  const faults = [...environment.faults, ...yaml.faults, ...resolved.faults, ...together.faults];
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    config: toConfig(resolved.values, (key) => resolved.given.has(key), azureIdentityOf(sources.env)),
    warnings: [...resolved.warnings, ...together.warnings],
    inForce: settingsInForce(resolved),
  };
}

/**
 * The configuration of this process: the only place that reads its environment and its `isartor.yaml` (the path in
 * `ISARTOR_CONFIG`, else the working directory's, where there is one). Throws ConfigError.
 */
export function loadConfigFromProcess(): LoadedConfig {
  const { env } = process;
  const named = env[CONFIG_FILE_VARIABLE] === '' ? undefined : env[CONFIG_FILE_VARIABLE];
  const yamlName = named ?? DEFAULT_FILE;
  let yamlText: string;
  try {
    yamlText = readText(yamlName);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    if (named === undefined && code === 'ENOENT') return loadConfig({ env });
    const remedy =
      named === undefined ? 'make it readable, or remove it' : `correct the path, or unset ${CONFIG_FILE_VARIABLE}`;
    throw new ConfigError([`${yamlName}: the file cannot be read (${code}); ${remedy}`]);
  }
  return loadConfig({ env, yamlText, yamlName });
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
