import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { interpolate, type Variables } from './interpolate.ts';

/** The folder of the Compose files. */
export const COMPOSE_DIR = join(import.meta.dirname, '..');

/** The levels' files, the first level first. */
export const COMPOSE_FILES = ['docker-compose.yml', 'docker-compose.sidecar.yml', 'docker-compose.full.yml'] as const;

// What the tests look at; the rest of a service passes through.
const Service = z.looseObject({
  image: z.string(),
  build: z.looseObject({ dockerfile: z.string(), target: z.string().optional() }).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.array(z.object({ path: z.string(), required: z.literal(false) })).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.object({ default: z.object({ aliases: z.array(z.string()) }) }).optional(),
});
const Extending = z.looseObject({ extends: z.object({ file: z.string(), service: z.string() }).optional() });
const File = z.looseObject({ services: z.record(z.string(), Extending) });

/** A service of a Compose file. */
export type ComposeService = z.output<typeof Service>;

/** The services of a file as written, `extends` resolved, variables not yet put in. */
export function readServices(file: string): Readonly<Record<string, ComposeService>> {
  return Object.fromEntries(
    Object.keys(parseFile(file)).map((name) => [name, Service.parse(extended(file, name))] as const),
  );
}

/**
 * A service as Compose would run it.
 * @param variables what `.env.full` holds: services that name it get all of it, and by `.env` it is put into the file
 */
export function filledIn(service: ComposeService, variables: Variables): ComposeService {
  const filled = Service.parse(fill(service, variables));
  const settings = service.env_file.some(({ path }) => path === '.env.full') ? variables : {};
  return { ...filled, environment: { ...settings, ...filled.environment } };
}

function parseFile(file: string): z.output<typeof File>['services'] {
  return File.parse(parse(readFileSync(join(COMPOSE_DIR, file), 'utf8'), { merge: true })).services;
}

function extended(file: string, name: string): unknown {
  const service = parseFile(file)[name];
  if (service === undefined) throw new Error(`${file} has no service ${name}`);
  const { extends: base, ...own } = service;
  return base === undefined ? own : merge(extended(base.file, base.service), own);
}

/** As Compose does it: maps name by name, lists one after the other, and else the later; a command is replaced. */
function merge(base: unknown, own: unknown, key = ''): unknown {
  if (isMap(base) && isMap(own)) {
    const merged = Object.entries(own).map(([name, value]) => [name, merge(base[name], value, name)] as const);
    return { ...base, ...Object.fromEntries(merged) };
  }
  return Array.isArray(base) && Array.isArray(own) && key !== 'command' ? [...base, ...own] : own;
}

function fill(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return interpolate(value, variables);
  if (Array.isArray(value)) return value.map((one) => fill(one, variables));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, variables)]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
