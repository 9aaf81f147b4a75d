import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_KEY, fill, layerFor } from './support/administration.ts';
import { startCore, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});

async function startAdminCore(): Promise<RunningCore> {
  const core = await startCore(upstream.url, { ISARTOR__ADMIN_KEY: ADMIN_KEY });
  running.push(core);
  return core;
}

describe('the command line', () => {
  const run = promisify(execFile);
  const CLI = join(import.meta.dirname, '..', '..', 'infra', 'local', 'src', 'cli.ts');

  async function cli(args: readonly string[], env: Readonly<Record<string, string>>) {
    try {
      const { stdout, stderr } = await run(process.execPath, ['--conditions=isartor-source', CLI, ...args], {
        env: { PATH: process.env['PATH'] ?? '', ISARTOR__ADMIN_KEY: ADMIN_KEY, ...env },
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  }

  it('purges, switches and shows', async () => {
    const core = await startAdminCore();
    const env = { ISARTOR_CORE_URL: core.origin };
    const digest = await fill(core, 'cli');
    const shown = await cli(['cache', 'show'], env);
    expect(shown).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^tenant default:\n {2}epoch .*\n/),
    });
    const dry = await cli(['cache', 'purge', '--dry-run'], env);
    expect(dry.stdout).toContain('nothing was changed. It would be: purged');
    expect(await layerFor(core, 'cli')).toBe('l1a hit');

    expect((await cli(['cache', 'purge', '--entry', digest], env)).stdout).toContain(digest);
    expect(await layerFor(core, 'cli')).toBe('l3 miss;why=quarantined');
    expect((await cli(['cache', 'purge'], env)).stdout).toContain('tenant default: purged');
    await fill(core, 'cli');
    expect((await cli(['off', 'l3'], env)).stdout).toMatch(/off +l3\n/);
    expect(await layerFor(core, 'cli')).toBe('l3 miss;why=off');
    expect((await cli(['cache', 'off', 'l3', '--dry-run'], env)).stdout).toContain('nothing would change');
    expect((await cli(['cache', 'on', 'l3', '--tenant', 'default'], env)).stdout).toMatch(/off +none\n/);
    expect(await layerFor(core, 'cli')).toBe('l1a hit');
  }, 60_000);

  it('says in one line what is wrong, and ends with 1', async () => {
    const core = await startAdminCore();
    const without = await startCore(upstream.url);
    running.push(without);
    const env = { ISARTOR_CORE_URL: core.origin };
    const wrong: [readonly string[], Readonly<Record<string, string>>, RegExp][] = [
      [['cache'], env, /cache takes a command/],
      [['cache', 'wipe'], env, /there is no command wipe/],
      [['off'], env, /off takes a layer/],
      [['off', 'l0'], env, /answered 400: `layer` must be one of/],
      [['cache', 'purge', '--tenat', 'x'], env, /Unknown option '--tenat'/],
      [['cache', 'purge', '--tenant', 'stranger'], env, /answered 404: No key of the tenant stranger/],
      [['cache', 'purge'], { ...env, ISARTOR__ADMIN_KEY: '' }, /there is no admin key/],
      [['cache', 'purge'], { ...env, ISARTOR__ADMIN_KEY: 'wrong' }, /answered 401/],
      [['cache', 'purge'], { ISARTOR_CORE_URL: without.origin }, /has no administration/],
      [['cache', 'purge'], { ISARTOR_CORE_URL: 'http://127.0.0.1:1' }, /does not answer/],
    ];
    const outcomes = await Promise.all(wrong.map(([args, more]) => cli(args, more)));
    for (const [index, [args, , message]] of wrong.entries()) {
      expect(outcomes[index], args.join(' ')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(message),
      });
      expect(outcomes[index]?.stderr).toMatch(/^isartor: [^\n]*\n$/);
    }
    expect(await cli(['--help'], {})).toMatchObject({ code: 0, stdout: expect.stringContaining('cache purge') });
  }, 60_000);
});
