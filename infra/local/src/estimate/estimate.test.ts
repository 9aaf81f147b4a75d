import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../stack/paths.ts';
import { estimateOptions } from './estimate-options.ts';
import { readLogFile } from './log-file.ts';

const CLI = join(ROOT, 'infra', 'local', 'src', 'estimate.ts');
const dir = mkdtempSync(join(tmpdir(), 'isartor-estimate-'));

function logOf(name: string, lines: readonly unknown[]): string {
  const file = join(dir, name);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const ask = (at: number, content: string) => ({
  at,
  request: { model: 'gpt-4o-mini', messages: [{ role: 'user', content }] },
  answer: { usage: { prompt_tokens: 1_000_000, completion_tokens: 1_000_000 } },
});

describe('npm run estimate', () => {
  it('prints what the caches would have made of a log, and writes it', async () => {
    const questions = ['How do I reset a password?', 'How can I reset a password?', 'How do I reset a password?'];
    const log = logOf('log.jsonl', [...questions.map((text, at) => ask(at, text)), '']);
    const json = join(dir, 'out.json');
    const args = ['--conditions=isartor-source', CLI, '--log', log, '--json', json];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    // Of three requests one is repeated and one said in other words; each is 0.15 + 0.6 dollars.
    expect(stdout).toMatch(
      /^default +gpt-4o-mini +3 +1 \(33\.3 %\) +1 \(33\.3 %\) +1 \(33\.3 %\) +2,000,000 +2,000,000 +\$1\.500000 +\$0\.750000$/m,
    );
    expect(stdout).toContain('    How can I reset a password?\n    How do I reset a password?\n');
    const written = JSON.parse(readFileSync(json, 'utf8')) as object;
    expect(written).toMatchObject({ v: 1, requests: 3, groups: [{ l1a: 1, l1b: 1, asked: 1 }] });
  }, 60_000);

  it.each([
    [[], /--log FILE is missing/],
    [['--log', 'x', '--ttl', 'soon'], /--ttl soon/],
    [['--log', 'x', '--threshold', '2'], /--threshold 2/],
    [['--log', 'x', '--point', 'lax'], /--point must be one of strict, balanced, loose/],
    [['--log', 'x', '--as-if', 'nobody'], /--as-if nobody has no price/],
    [['--log', 'x', '--volatile', 'menu,?'], /--volatile has an entry \(number 2\)/],
    [['--logs', 'x'], /'--logs'/],
  ])('says what is wrong with %j', (args, message) => {
    expect(() => estimateOptions(args)).toThrow(message);
  });

  it.each([
    [[], ['default']],
    [
      ['--volatile', 'menu, default'],
      ['menu', 'default'],
    ],
    [['--volatile', ''], []],
  ])('reads %j as the setting of a core is read', (args, volatile) => {
    expect(estimateOptions(['--log', 'x', ...args])).toMatchObject({ settings: { volatile } });
  });

  it('names the line that is wrong', () => {
    expect(() => readLogFile(logOf('bad.jsonl', [ask(1, 'x'), '', '{"request":{}}']))).toThrow(
      /bad\.jsonl, line 3: `at`/,
    );
    expect(() => readLogFile(logOf('empty.jsonl', ['']))).toThrow(/holds no request/);
    expect(() => readLogFile(join(dir, 'missing.jsonl'))).toThrow(/cannot be read/);
  });
});
