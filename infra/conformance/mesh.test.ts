import { describe, expect, it } from 'vitest';
import { renderChart } from './support/chart.ts';
import { pick, type KubernetesObject } from './support/kubernetes-object.ts';
import { at, podTemplates } from './support/pods.ts';
import { cannotRender, isMissing, render } from './support/render.ts';
import { startCore } from './support/start-core.ts';

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

describe("the mesh's gateway gives a connection up before the core does", () => {
  // Else it sends a request into a connection that the core is closing, and the caller sees a 503 that nobody tries again.
  const idleSeconds = (objects: readonly KubernetesObject[]): number => {
    const rule = pick(objects, 'DestinationRule/isartor-gateway');
    expect(at(rule, 'spec', 'host')).toBe('isartor-gateway');
    return Number(
      /^(\d+)s$/.exec(String(at(rule, 'spec', 'trafficPolicy', 'connectionPool', 'http', 'idleTimeout')))?.[1],
    );
  };

  it.skipIf(cannotRender() || noChart)('by the time that the core tells its callers', async () => {
    const core = await startCore({ ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-...' });
    try {
      const { headers } = await fetch(`${core.origin}/healthz`, { signal: AbortSignal.timeout(10_000) });
      const keptSeconds = Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1]);
      expect(idleSeconds(render('istio'))).toBeLessThan(keptSeconds);
      expect(idleSeconds(renderChart(undefined, '--set', 'exposure=istio'))).toBeLessThan(keptSeconds);
    } finally {
      await core.stop();
    }
  });
});
