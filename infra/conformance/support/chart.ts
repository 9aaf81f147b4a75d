import { join } from 'node:path';
import { isMapping, parseObjects, type KubernetesObject } from './kubernetes-object.ts';
import { INFRA, runTool } from './render.ts';

/** The chart's folder. */
export const CHART = join(INFRA, 'helm', 'isartor');

/** Which Helm renders: the newest, unless `infra/tools/check-infra.sh` tries the oldest. */
export const HELM = process.env['ISARTOR_HELM'] ?? 'helm';

/** What `helm install` would apply, its test aside: with the values of a file in the chart, or with the defaults. */
export function renderChart(values?: string, ...flags: readonly string[]): readonly KubernetesObject[] {
  const file = values === undefined ? [] : ['--values', join(CHART, values)];
  const fixed = ['--namespace', 'isartor', '--kube-version', '1.28.0', '--no-hooks'];
  return parseObjects(runTool(HELM, ['template', 'isartor', CHART, ...fixed, ...file, ...flags]));
}

/**
 * An object as it is compared: without what only Helm says (who made it, what its configuration was), and with lists of
 * objects in one order.
 * Order counts in lists of words (the arguments of a program), which stay.
 */
export function normalised(value: unknown): unknown {
  if (Array.isArray(value)) {
    const members: readonly unknown[] = value;
    const inner = members.map(normalised);
    return inner.every(isMapping) ? inner.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : inner;
  }
  if (!isMapping(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !isHelms(key))
    .map(([key, inner]) => [key, normalised(inner)] as const)
    .filter(([key, inner]) => !(MARKS.has(key) && isMapping(inner) && Object.keys(inner).length === 0));
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const MARKS = new Set(['labels', 'annotations']);

function isHelms(key: string): boolean {
  return ['helm.sh/', 'app.kubernetes.io/', 'checksum/'].some((prefix) => key.startsWith(prefix));
}
