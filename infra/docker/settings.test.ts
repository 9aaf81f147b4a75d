import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SETTING_ROWS } from '../../core/src/config/config.schema.ts';
import { envNames } from '../../core/src/config/setting.ts';
import { WORKER_SECRETS, WORKER_VARIABLES } from '../local/src/stack/worker-environment.ts';
import { COMPOSE_DIR, COMPOSE_FILES, filledIn, readServices } from './testing/compose-file.ts';
import { interpolate, variablesIn } from './testing/interpolate.ts';

const run = promisify(execFile);
const example = readFileSync(join(COMPOSE_DIR, '.env.full.example'), 'utf8');
/** Every name of the example, those in a comment that may be uncommented too. */
const names = [...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? '');

const LEVELS = COMPOSE_FILES.map((file) => ({ file, services: readServices(file) }));
const CORE_NAMES = new Set<string>(SETTING_ROWS.flatMap(([, row]) => envNames(row)));
const WORKER_NAMES = new Set([...WORKER_VARIABLES, ...WORKER_SECRETS]);

/** Where a value for this name would be seen, at any level; empty: it has no effect. */
function effects(name: string): readonly string[] {
  const value = `value-of-${name}`;
  return LEVELS.flatMap(({ file, services }) =>
    Object.entries(services).flatMap(([service, written]) => {
      const { environment, ...rest } = filledIn(written, { [name]: value });
      const { environment: _, env_file: _file, ...unset } = filledIn(written, {});
      const byProgram =
        (environment[name] === value && reads(service, name)) ||
        // The container's own name for it, or another name of the same setting.
        Object.entries(environment).some(([other, one]) => other !== name && one.includes(value));
      const { env_file: _files, ...set } = rest;
      const byCompose = JSON.stringify(set) !== JSON.stringify(unset);
      return byProgram || byCompose ? [`${file}: ${service}`] : [];
    }),
  );
}

/** Does the program in this service read this variable? */
function reads(service: string, name: string): boolean {
  if (service === 'isartor') return CORE_NAMES.has(name);
  if (service === 'edge') return WORKER_NAMES.has(name);
  // The others read what the Compose file gives them by name.
  return true;
}

/** What a service has at each level when the name is set to `mine`. */
function valuesIn(service: string, name: string): readonly (string | undefined)[] {
  return LEVELS.map(({ services }) => {
    const written = services[service];
    return written && filledIn(written, { [name]: 'mine' }).environment[name];
  });
}

describe('.env.full', () => {
  it.each(names)('%s takes effect', (name) => {
    expect(effects(name)).not.toEqual([]);
  });

  it('a name that nothing reads would be noticed', () => {
    expect(effects('ISARTOR__REDIS_ADDRESS')).toEqual([]);
    expect(effects('REDIS_URL')).toEqual([]);
  });

  it.each([...CORE_NAMES])('%s reaches the core at every level, whatever the Compose file says', (name) => {
    expect(valuesIn('isartor', name)).toEqual(['mine', 'mine', 'mine']);
  });

  it.each([...WORKER_NAMES])('%s reaches the edge at every level', (name) => {
    expect(valuesIn('edge', name)).toEqual(['mine', 'mine', 'mine']);
  });

  it.each([...WORKER_NAMES].filter((name) => CORE_NAMES.has(name)))('%s, set in the shell, reaches both', (name) => {
    for (const { services } of LEVELS) {
      for (const service of [services['isartor'], services['edge']]) {
        // Without a file: what the shell has goes in by the Compose file alone.
        expect(service && filledIn({ ...service, env_file: [] }, { [name]: 'mine' }).environment[name]).toBe('mine');
      }
    }
  });

  it('names each variable that a Compose file takes', () => {
    const taken = COMPOSE_FILES.flatMap((file) => variablesIn(readFileSync(join(COMPOSE_DIR, file), 'utf8')));
    expect([...new Set(taken)].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('is put into the Compose files by the name that Compose looks for', () => {
    expect(readFileSync(join(COMPOSE_DIR, '../../.gitignore'), 'utf8').split('\n')).toContain('.env.full');
    expect(interpolate('${A:-${B:-c}} $$D', { B: 'b' })).toBe('b $D');
    expect(() => interpolate('${A?needed}', {})).toThrow('not understood');
  });
});

/** The program as it may be installed; undefined: it is not. */
async function compose(): Promise<readonly string[] | undefined> {
  for (const command of [['docker-compose'], ['docker', 'compose']]) {
    const [program = '', ...args] = command;
    const works = await run(program, [...args, 'version']).then(
      () => true,
      () => false,
    );
    if (works) return command;
  }
  return undefined;
}

it('Compose itself reads the files as these tests do', async ({ skip }) => {
  const command = await compose();
  if (command === undefined) skip('neither docker-compose nor docker compose is installed');
  const [program = '', ...args] = command ?? [];
  const variables = {
    ISARTOR__CACHE_TTL_SECS: '77',
    ISARTOR__LAYER2__SIDECAR_URL: 'http://pool:1',
    HF_TOKEN: 'hf',
    ISARTOR__SHUTDOWN_GRACE_SECS: '900',
  };
  const { PATH = '', HOME = '' } = process.env;
  for (const { file, services: ours } of LEVELS) {
    const files = ['-f', join(COMPOSE_DIR, file), 'config', '--format', 'json'];
    const { stdout } = await run(program, [...args, ...files], { env: { PATH, HOME, ...variables } });
    const theirs = (
      JSON.parse(stdout) as {
        services: Record<string, { environment?: object; command?: string[]; stop_grace_period?: string }>;
      }
    ).services;
    expect(Object.keys(theirs).toSorted()).toEqual(Object.keys(ours).toSorted());
    for (const name of ['edge', 'isartor']) expect(theirs[name]?.stop_grace_period).toBe('15m10s');
    for (const [name, written] of Object.entries(ours)) {
      // The shell's variables, as here, do not go into a container by themselves: only what the file names does.
      const { environment, command: started } = filledIn({ ...written, env_file: [] }, variables);
      expect(theirs[name]?.environment ?? {}).toEqual(environment);
      expect((theirs[name]?.command ?? []).map((part) => part.replaceAll('$$', '$'))).toEqual(started);
    }
  }
});
