import { describe, expect, it } from 'vitest';
import { renderChart } from './support/chart.ts';
import type { KubernetesObject } from './support/kubernetes-object.ts';
import { podTemplates } from './support/pods.ts';
import { cannotRender, isMissing, render } from './support/render.ts';

const noChart = isMissing('the chart', 'helm');

/** The workloads whose pods Istio leaves alone: their traffic would be plaintext, whoever labelled their namespace. */
function outsideTheMesh(objects: readonly KubernetesObject[]): readonly string[] {
  const templates = podTemplates(objects);
  expect(templates.length).toBeGreaterThan(1);
  return templates.filter(({ labels }) => labels['istio.io/dataplane-mode'] !== 'ambient').map((pod) => pod.workload);
}

describe('in a mesh, every pod takes part', () => {
  it.skipIf(cannotRender())('by the overlay', () => {
    expect(outsideTheMesh(render('istio'))).toEqual([]);
  });

  it.skipIf(noChart)('by the chart, in a namespace that it does not make', () => {
    expect(outsideTheMesh(renderChart(undefined, '--set', 'exposure=istio'))).toEqual([]);
  });

  it.skipIf(noChart)('and without one, none does', () => {
    expect(outsideTheMesh(renderChart())).toHaveLength(5);
  });
});
