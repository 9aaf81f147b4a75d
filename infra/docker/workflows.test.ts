import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../local/src/stack/paths.ts';

const FOLDER = join(ROOT, '.github/workflows');
const workflows = readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')] as const);

describe.each(workflows)('%s', (_file, text) => {
  it('writes an address in a registry in small letters, whatever the owner is called', () => {
    const addresses = text.split('\n').filter((line) => line.includes('ghcr.io/'));
    // `${NAME,,}` is bash's word for it; an expression of GitHub has none.
    expect(addresses.filter((line) => /repository_owner|REPOSITORY_OWNER(?!,,)/.test(line))).toEqual([]);
  });

  it('takes an action of others by its commit', () => {
    const actions = [...text.matchAll(/^\s*-? ?uses: (?!\.\/)(\S+)/gm)].map(([, action]) => action);
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([]);
  });
});
