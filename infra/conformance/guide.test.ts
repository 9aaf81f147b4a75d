import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDifferences, type Difference } from './support/differences.ts';
import { CONTAINERS, guideText, MANIFESTS, promisedValues, type Promised } from './support/guide.ts';
import { pick, type KubernetesObject } from './support/kubernetes-object.ts';
import { leavesOf } from './support/leaves.ts';
import { cannotRender, INFRA, render } from './support/render.ts';

const differences = readDifferences();
const promised = promisedValues();

function differenceFor({ object, path }: Promised): Difference | undefined {
  return differences.find((row) => row.object === object && path.endsWith(row.where));
}

describe.skipIf(cannotRender())("the guide's values in the rendered manifests", () => {
  const layers = new Map<string, readonly KubernetesObject[]>();
  const rendered = (layer: Promised['layer']): readonly KubernetesObject[] => {
    const objects = layers.get(layer) ?? render(layer);
    layers.set(layer, objects);
    return objects;
  };

  it.each(promised.map((value) => [`${value.object} ${value.path}`, value] as const))('%s', (_name, value) => {
    const difference = differenceFor(value);
    const there = leavesOf(pick(rendered(value.layer), value.object));
    const found = there.filter(({ path }) => path === value.path).map((leaf) => leaf.value);
    if (difference === undefined) return expect(found).toEqual([value.value]);
    expect(difference.guide).toBe(asText(value.value));
    return expect(found.map(asText)).toEqual(difference.here === undefined ? [] : [difference.here]);
  });
});

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

describe('the table of differences in infra/README.md', () => {
  it('has rows', () => {
    expect(differences.length).toBeGreaterThan(0);
  });

  it.each(differences.map((row) => [`${row.object} ${row.where}`, row] as const))(
    '%s is a difference',
    (_name, row) => {
      const values = promised.filter(({ object, path }) => object === row.object && path.endsWith(row.where));
      expect(values.map(({ path }) => path)).toHaveLength(1);
      expect(row.here).not.toBe(row.guide);
      expect(row.why.length).toBeGreaterThan(10);
    },
  );
});

// The guide itself lies beside the project where the project is built, not at its users.
const GUIDE = join(INFRA, '..', '..', 'shared', 'GUIDE.md');

describe.skipIf(!existsSync(GUIDE))('the copies of its manifests in guide/', () => {
  it.each([...MANIFESTS, ...CONTAINERS].map(([file]) => file))('%s has its lines, and no other', (file) => {
    const lines = withoutComments(guideText(file));
    expect(lines.length).toBeGreaterThan(5);
    expect(withoutComments(readFileSync(GUIDE, 'utf8')).join('\n')).toContain(lines.join('\n'));
  });

  it('hold every setting that its YAML has', () => {
    const settings = (text: string) => withoutComments(text).filter((line) => line.startsWith('- name: ISARTOR__'));
    const copied = MANIFESTS.flatMap(([file]) => settings(guideText(file)));
    expect(copied.toSorted()).toEqual(settings(readFileSync(GUIDE, 'utf8')).toSorted());
  });
});

function withoutComments(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '');
}
