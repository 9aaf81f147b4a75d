import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCoreConfig } from '../local/src/stack/core-settings.ts';
import { INFRA, isMissing } from './support/render.ts';

const text = readFileSync(join(INFRA, 'README.md'), 'utf8');
const checklist = text.split('### Security checklist')[1]?.split('\n### ')[0] ?? '';

// Of the other half of the repository's deployment: images, Compose and workflows.
const ELSEWHERE = /^(infra\/)?docker(\/|$)/;

/** Every path in code that looks like one of ours. */
function pathsOf(section: string): readonly string[] {
  const found = [...section.matchAll(/`((?:infra|k8s|helm|conformance|core|tools)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  return [...new Set(found)].filter((path) => !ELSEWHERE.test(path));
}

describe('infra/README.md', () => {
  it.each(pathsOf(text.split('## Where it differs')[0] ?? ''))('names %s, which is there', (path) => {
    const root = /^(core|infra)\//.test(path) ? join(INFRA, '..') : INFRA;
    expect(existsSync(join(root, path))).toBe(true);
  });

  it.each([...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link))(
    'links to %s, which is there',
    (link) => {
      expect(existsSync(join(INFRA, link))).toBe(true);
    },
  );

  it.each([...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor))('has a heading #%s', (anchor) => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
    const slugs = headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(slugs).toContain(anchor);
  });

  it('names a file for each item of the security checklist, and what holds it', () => {
    const rows = checklist.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| item'));
    expect(rows.length).toBeGreaterThanOrEqual(9);
    for (const row of rows)
      expect(
        row
          .split('|')
          .slice(1, -1)
          .every((cell) => cell.trim() !== ''),
      ).toBe(true);
  });

  it('has every name of the manifests that a step calls for', () => {
    for (const name of ['isartor-llm-secret', 'isartor-gateway-secret', 'isartor-redis-secret'])
      expect(text).toContain(name);
  });
});

/** A block of commands, and the paragraph in front of it. */
interface Block {
  readonly commands: string;
  readonly before: string;
}

function blocksOf(file: string): readonly Block[] {
  const parts = readFileSync(join(INFRA, file), 'utf8').split(/^```/m);
  return parts.flatMap((part, index) => {
    const [language = '', ...lines] = part.split('\n');
    const before = parts[index - 1]?.trimEnd().split('\n\n').at(-1) ?? '';
    return index % 2 === 1 && ['sh', 'bash'].includes(language) ? [{ commands: lines.join('\n').trim(), before }] : [];
  });
}

/** Whether the reader is told what the commands need, which no test here has. */
const isMarked = ({ before }: Block): boolean => /\*\((cluster|containers)\)\*/.test(before);
const isSettings = ({ commands }: Block): boolean => /^(ISARTOR__\w+=\S+\n?)+$/.test(commands);

describe.each(['README.md', 'helm/isartor/README.md'])('the commands of infra/%s', (file) => {
  const blocks = blocksOf(file);
  const unmarked = blocks.filter((block) => !isMarked(block));

  it('are found', () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  it.skipIf(isMissing('the commands of the guide', 'kubectl')).each(unmarked.filter((block) => !isSettings(block)))(
    'run as they stand, unless they are marked: $commands',
    ({ commands }) => {
      // Without the reader's cluster: a command that somebody forgot to mark must not reach it.
      const env = { PATH: process.env['PATH'], HOME: tmpdir(), KUBECONFIG: '/dev/null' };
      execFileSync('bash', ['-euc', commands], { cwd: join(INFRA, '..'), env, timeout: 20_000, stdio: 'pipe' });
    },
  );

  it.each(unmarked.filter(isSettings))('are settings that the core takes: $commands', ({ commands }) => {
    const settings = Object.fromEntries(commands.split('\n').map((line) => line.split(/=(.*)/).slice(0, 2)));
    const keys = { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-...' };
    expect(readCoreConfig({ ...keys, ...settings }, tmpdir())).toBeDefined();
  });
});
