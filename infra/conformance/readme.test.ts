import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INFRA } from './support/render.ts';

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
