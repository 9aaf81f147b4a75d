import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderChart } from './support/chart.ts';
import { parseObjects, pick, type KubernetesObject } from './support/kubernetes-object.ts';
import { allowedFlows } from './support/flows.ts';
import { at, listAt } from './support/pods.ts';
import { cannotRender, INFRA, isMissing, render } from './support/render.ts';

const issuer = pick(
  parseObjects(readFileSync(join(INFRA, 'k8s', 'cluster', 'cluster-issuer.yaml'), 'utf8')),
  'ClusterIssuer/letsencrypt-prod',
);
const noChart = isMissing('the chart', 'helm');

/**
 * How the issuer would prove the host of an object: by the solver whose labels are most of the object's, as cert-manager
 * chooses. It gives the Certificate of an Ingress or a Gateway the labels of that.
 */
function solverFor({ metadata }: KubernetesObject): string {
  const labels = metadata.labels ?? {};
  const fitting = listAt(issuer, 'spec', 'acme', 'solvers')
    .map((solver) => ({ solver, wanted: Object.entries(at(solver, 'selector', 'matchLabels') ?? {}) }))
    .filter(({ wanted }) => wanted.every(([key, value]) => labels[key] === value))
    .toSorted((a, b) => b.wanted.length - a.wanted.length);
  const solver = fitting[0]?.solver;
  if (at(solver, 'dns01') !== undefined) return 'dns01';
  return Object.keys(at(solver, 'http01') ?? {}).join() || 'none';
}

const EXPOSURES = [
  ['base', 'ingress', 'Ingress/isartor-ingress', 'ingress', 'ingress-nginx'],
  ['gateway-api', 'gatewayApi', 'Gateway/isartor', 'gatewayHTTPRoute', 'envoy-gateway-system'],
  ['istio', 'istio', 'Certificate/isartor-tls', 'dns01', undefined],
] as const;

describe('the host is proved to the certificate authority by what the exposure has', () => {
  it.skipIf(cannotRender()).each(EXPOSURES)('overlay %s', (layer, _exposure, id, solver) => {
    expect(solverFor(pick(render(layer), id))).toBe(solver);
  });

  it.skipIf(noChart).each(EXPOSURES)('chart, as %s', (_layer, exposure, id, solver) => {
    expect(solverFor(pick(renderChart(undefined, '--set', `exposure=${exposure}`), id))).toBe(solver);
  });

  it.skipIf(cannotRender()).each(EXPOSURES)('%s: nobody else reaches the pods that do it', (layer, ...rest) => {
    const flows = allowedFlows(render(layer)).filter((flow) => flow.endsWith(':8089'));
    const from = rest[3];
    expect(flows).toEqual(from === undefined ? [] : [`${from}/* → true:8089`]);
  });

  it.skipIf(cannotRender())('by a route of the very Gateway, on its plain port', () => {
    const [parent] = listAt(issuer, 'spec', 'acme', 'solvers').flatMap((solver) =>
      listAt(solver, 'http01', 'gatewayHTTPRoute', 'parentRefs'),
    );
    const gateway = pick(render('gateway-api'), 'Gateway/isartor');
    expect(parent).toMatchObject({
      kind: 'Gateway',
      name: gateway.metadata.name,
      namespace: gateway.metadata.namespace,
    });
    const listener = listAt(gateway, 'spec', 'listeners').find((one) => at(one, 'name') === at(parent, 'sectionName'));
    expect(listener).toMatchObject({ port: 80, protocol: 'HTTP' });
  });

  it.skipIf(cannotRender())('and the class of that Gateway is one that the cluster is told of', () => {
    const file = join(INFRA, 'k8s', 'cluster', 'gateway-class.yaml');
    const [gatewayClass] = parseObjects(readFileSync(file, 'utf8'));
    expect(at(pick(render('gateway-api'), 'Gateway/isartor'), 'spec', 'gatewayClassName')).toBe(
      gatewayClass?.metadata.name,
    );
  });
});
