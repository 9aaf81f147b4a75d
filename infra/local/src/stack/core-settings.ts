import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../../core/src/config/config-error.ts';
import type { SettingKey, SettingValues } from '../../../../core/src/config/config.schema.ts';
import type { Config } from '../../../../core/src/config/config.ts';
import { loadConfig } from '../../../../core/src/config/load-config.ts';
import { CONFIG_FILE_VARIABLE, readEnvironment } from '../../../../core/src/config/read-environment.ts';
import { readYaml } from '../../../../core/src/config/read-yaml.ts';
import { resolveSettings } from '../../../../core/src/config/resolve-settings.ts';
import { reason, type Environment } from './environment.ts';
import { Fault } from './fault.ts';

// The core's own table of settings, read before anything is started: names, aliases, `*_FILE` and isartor.yaml mean here
// exactly what they mean to the core, and a fault is told in the core's own words at once.

/** What the user configured. */
export interface GivenSettings {
  readonly values: SettingValues;
  /** The name under which a setting was given, or undefined when it has its default. */
  readonly nameOf: (key: SettingKey) => string | undefined;
}

/**
 * What is configured before the local stack adds its own.
 * @param root where `isartor.yaml` may lie
 * @throws Fault with a line for each setting that cannot be used
 */
export function readGivenSettings(env: Environment, root: string): GivenSettings {
  const environment = readEnvironment(env);
  const { yamlText, yamlName } = readYamlFile(env, root);
  const yaml = yamlText === undefined ? { given: new Map(), faults: [] } : readYaml(yamlText, yamlName);
  const resolved = resolveSettings(environment, yaml, (path) => readFileSync(path, 'utf8'));
  const faults = [...environment.faults, ...yaml.faults, ...resolved.faults];
  if (faults.length > 0) throw new Fault(faults.join('\n'));
  return { values: resolved.values, nameOf: (key) => resolved.given.get(key) };
}

/**
 * The configuration that the core will have with this environment.
 * @throws Fault with a line for each contradiction
 */
export function readCoreConfig(env: Environment, root: string): Config {
  const { yamlText, yamlName } = readYamlFile(env, root);
  try {
    return loadConfig({ env, yamlName, ...(yamlText === undefined ? {} : { yamlText }) }).config;
  } catch (error) {
    if (error instanceof ConfigError) throw new Fault(error.message);
    throw error;
  }
}

function readYamlFile(env: Environment, root: string): { readonly yamlText?: string; readonly yamlName: string } {
  const named = env[CONFIG_FILE_VARIABLE] === '' ? undefined : env[CONFIG_FILE_VARIABLE];
  const yamlName = named ?? 'isartor.yaml';
  try {
    return { yamlText: readFileSync(named ?? join(root, yamlName), 'utf8'), yamlName };
  } catch (error) {
    if (named === undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { yamlName };
    throw new Fault(`${yamlName} cannot be read: ${reason(error)}`);
  }
}
