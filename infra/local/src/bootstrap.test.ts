import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './stack/paths.ts';

// The real bootstrap and the real npm, in a workspace of two files whose packages lie beside it: no network is needed.

const LOCAL = join(ROOT, 'infra', 'local');
let root: string;
const written = new Map<string, object>();

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'bootstrap ')), 'a clone');
  const local = join(root, 'infra', 'local');
  mkdirSync(local, { recursive: true });
  for (const file of ['bootstrap.cjs', 'install-lock.cjs', 'install-state.cjs'])
    cpSync(join(LOCAL, file), join(local, file));
  // A package named node whose program is this very Node: what the npm package of that name is to the workspace.
  writePackage('node', { version: '24.0.0', bin: { node: 'node.sh' } });
  writeFileSync(join(root, 'packages/node/node.sh'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  chmodSync(join(root, 'packages/node/node.sh'), 0o755);
  dependOn(['node']);
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

function writePackage(name: string, rest: object): void {
  written.set(name, { name, ...rest });
  mkdirSync(join(root, 'packages', name), { recursive: true });
  writeFileSync(join(root, 'packages', name, 'package.json'), JSON.stringify({ name, ...rest }));
}

/** Writes package.json and the lock file that fits it. */
function dependOn(names: readonly string[]): void {
  const devDependencies = Object.fromEntries(names.map((name) => [name, `file:packages/${name}`]));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'root', devDependencies }));
  const packages = new Map<string, object>([['', { name: 'root', devDependencies }]]);
  for (const name of names) {
    packages.set(`node_modules/${name}`, { resolved: `packages/${name}`, link: true });
    packages.set(`packages/${name}`, { ...written.get(name), dev: true });
  }
  const lock = {
    name: 'root',
    lockfileVersion: 3,
    requires: true,
    packages: Object.fromEntries(packages),
  };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock));
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

async function bootstrap(env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [join(root, 'infra/local/bootstrap.cjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, output: out + err };
}

it('installs what is missing, says so, and is silent the next time', async () => {
  const first = await bootstrap();
  expect(first.code).toBe(0);
  expect(first.output).toMatch(
    /^isartor: installing dependencies \(node_modules is missing\).*\nisartor: installed in \d+ s\n$/,
  );
  expect(existsSync(join(root, 'node_modules/.bin/node'))).toBe(true);
  // Not even npm is needed then.
  expect(await bootstrap({ PATH: '' })).toEqual({ code: 0, output: '' });
});

it('installs once when it is run three times at once', async () => {
  const outcomes = await Promise.all([bootstrap(), bootstrap(), bootstrap()]);
  expect(outcomes.map((one) => one.code)).toEqual([0, 0, 0]);
  expect(outcomes.filter((one) => one.output.includes('installing'))).toHaveLength(1);
  expect(existsSync(join(root, '.isartor/install.lock'))).toBe(false);
});

describe('once it has installed, it', () => {
  it.each([
    [
      'the lock file asks for more',
      () => {
        writePackage('more', { version: '1.0.0' });
        dependOn(['node', 'more']);
      },
    ],
    ['an install was cut off', () => rmSync(join(root, 'node_modules/.package-lock.json'))],
    ['a package was deleted', () => rmSync(join(root, 'node_modules/node'))],
  ])('installs again when %s', async (_name, change) => {
    await bootstrap();
    change();
    expect((await bootstrap()).output).toContain('installing');
    expect(await bootstrap()).toEqual({ code: 0, output: '' });
  });

  it('leaves alone what was added beside the lock file', async () => {
    await bootstrap();
    mkdirSync(join(root, 'node_modules/extra'));
    writeFileSync(join(root, 'node_modules/extra/package.json'), '{}');
    expect(await bootstrap()).toEqual({ code: 0, output: '' });
  });
});

it('takes over the lock of a process that died', async () => {
  mkdirSync(join(root, '.isartor'));
  const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await new Promise((resolve) => dead.once('close', resolve));
  writeFileSync(join(root, '.isartor/install.lock'), JSON.stringify({ pid: dead.pid, token: 'old' }));
  expect(await bootstrap()).toMatchObject({ code: 0 });
});

describe('one line and a non-zero exit', () => {
  it('when npm is not there', async () => {
    const { code, output } = await bootstrap({ PATH: join(root, 'nowhere') });
    expect(code).toBe(1);
    expect(output).toMatch(/\nisartor: npm is not on PATH; install Node.js with npm\n$/);
  });

  it('when npm fails', async () => {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'root', devDependencies: { other: '1.0.0' } }));
    const { code, output } = await bootstrap();
    expect(code).toBe(1);
    expect(output).toMatch(/\nisartor: npm ci failed .*\n$/);
  });

  it('when the workspace’s Node is too old', async () => {
    await bootstrap();
    writeFileSync(join(root, 'packages/node/node.sh'), '#!/bin/sh\necho v20.1.0\n');
    expect(await bootstrap()).toEqual({
      code: 1,
      output: 'isartor: node_modules/.bin/node is version 20, and 24 is needed; run npm ci\n',
    });
  });
});

it('gives npm neither the workspace’s own Node nor a narrowed install', async () => {
  const folder = join(root, 'bin');
  mkdirSync(folder);
  const seen = join(root, 'seen');
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\nenv > '${seen}'\nexit 1\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  const path = [join(root, 'node_modules/.bin'), folder, process.env['PATH']].join(delimiter);
  await bootstrap({ PATH: path, npm_config_omit: 'dev', npm_config_workspace: 'edge' });
  const env = readFileSync(seen, 'utf8');
  expect(env).not.toMatch(/npm_config_(omit|workspace)=/);
  expect(env).toMatch(new RegExp(`^PATH=${folder}`, 'm'));
  expect(env).toContain('ONNXRUNTIME_NODE_INSTALL=skip');
});
