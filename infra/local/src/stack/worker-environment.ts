import { readFileSync } from 'node:fs';
import { reason, type Environment } from './environment.ts';
import { Fault } from './fault.ts';
import type { WorkerBindings } from './worker-bindings.ts';

/** The Worker's plain variables. */
export const WORKER_VARIABLES = [
  'ISARTOR__CORE_URL',
  'ISARTOR__AUTH__MODE',
  'ISARTOR__CACHE_MODE',
  'ISARTOR__CACHE_TTL_SECS',
  'ISARTOR__CACHE_NAMESPACE',
  'ISARTOR__CACHE_SHARE_USERS',
  'ISARTOR__CACHE_SAMPLED',
  'ISARTOR__CLOCKS__FIRST_BYTE_SECS',
  'ISARTOR__CORS_ORIGINS',
  'ISARTOR__EDGE_HEDGE_MS',
  'ISARTOR__ENABLE_MONITORING',
  'ISARTOR__OTEL_EXPORTER_ENDPOINT',
  'ISARTOR__OTEL_SAMPLE_RATIO',
  'ISARTOR__REDIS_TIMEOUT_MS',
  'ISARTOR__UPSTASH_BASE64',
  'UPSTASH_REDIS_REST_URL',
];
/** Its secrets. */
export const WORKER_SECRETS = [
  'ISARTOR__GATEWAY_API_KEY',
  'ISARTOR__AUTH__KEYS',
  'ISARTOR__EDGE_SECRET',
  'ISARTOR__OTEL_EXPORTER_HEADERS',
  'UPSTASH_REDIS_REST_TOKEN',
];

/**
 * The Worker's bindings from the environment, name by name; a secret may come from the file that `NAME_FILE` names.
 * What is missing or wrong the Worker says itself.
 * @throws Fault when such a file cannot be read
 */
export function workerEnvironment(env: Environment): WorkerBindings {
  const variables = Object.fromEntries(WORKER_VARIABLES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const secrets = Object.fromEntries(
    WORKER_SECRETS.flatMap((name) => {
      const value = secretOf(env, name);
      return value ? [[name, value]] : [];
    }),
  );
  return { variables, secrets };
}

/**
 * A secret by its name, else from the file that `NAME_FILE` names.
 * @throws Fault when that file cannot be read
 */
export function secretOf(env: Environment, name: string): string | undefined {
  if (env[name]) return env[name];
  const file = env[`${name}_FILE`];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Fault(`${name}_FILE cannot be read: ${reason(error)}`);
  }
}
