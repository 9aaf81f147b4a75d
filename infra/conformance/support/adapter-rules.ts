import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYaml } from './kubernetes-object.ts';
import { at, listAt } from './pods.ts';
import { INFRA } from './render.ts';

/** A rule of the Prometheus Adapter: what a metric of an autoscaler is called, and how it is asked for. */
export interface AdapterRule {
  readonly metric: string;
  /** The series that must be there, with its labels. */
  readonly seriesQuery: string;
  readonly metricsQuery: string;
}

/** The rules that `infra/k8s/cluster/` hands to the Prometheus Adapter. */
export function adapterRules(): readonly AdapterRule[] {
  const file = join(INFRA, 'k8s', 'cluster', 'prometheus-adapter-values.yaml');
  const [values] = parseYaml(readFileSync(file, 'utf8'));
  return listAt(values, 'rules', 'custom').map((rule) => ({
    metric: String(at(rule, 'name', 'as')),
    seriesQuery: String(at(rule, 'seriesQuery')),
    metricsQuery: String(at(rule, 'metricsQuery')),
  }));
}

/** The PromQL that the adapter makes of a rule for some pods of the namespace. */
export function promQl({ seriesQuery, metricsQuery }: AdapterRule, pods: string): string {
  return metricsQuery
    .replaceAll('<<.Series>>', seriesQuery.replace(/\{.*$/, ''))
    .replaceAll('<<.LabelMatchers>>', `namespace="isartor",pod=~"${pods}"`)
    .replaceAll('<<.GroupBy>>', 'pod');
}
