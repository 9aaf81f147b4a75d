import { describe, expect, it } from 'vitest';
import { allowedFlows } from './support/flows.ts';
import { at } from './support/pods.ts';
import { pick } from './support/kubernetes-object.ts';
import { cannotRender, render } from './support/render.ts';

const skip = cannotRender();

const TO_INTERNET = ['internet(0.0.0.0/0):443', 'internet(::/0):443'];

const FLOWS = [
  // The second are the pods of NodeLocal DNSCache, where a plugin sends to them instead (Cilium).
  '* → kube-system/kube-dns or node-local-dns:53/UDP',
  '* → kube-system/kube-dns or node-local-dns:53',
  '* → 169.254.20.10/32:53/UDP',
  '* → 169.254.20.10/32:53',
  'ingress-nginx/* → isartor-gateway:8080',
  'monitoring/* → isartor-gateway:9464',
  'isartor-gateway → redis:6379',
  'isartor-gateway → isartor-inference:8081',
  'isartor-gateway → isartor-embedding:8082',
  'isartor-gateway → otel-collector:4317',
  'monitoring/* → isartor-inference:8081',
  'monitoring/* → isartor-embedding:8082',
  'monitoring/* → otel-collector:8889',
  'otel-collector → observability/*:4317',
  'ingress-nginx/* → true:8089',
  ...['isartor-gateway', 'isartor-inference', 'isartor-embedding'].flatMap((pod) =>
    TO_INTERNET.map((internet) => `${pod} → ${internet}`),
  ),
];

describe.skipIf(skip)('the network policies', () => {
  const base = skip ? [] : render('base');

  it('let these flows through, and no other', () => {
    expect([...new Set(allowedFlows(base))].toSorted()).toEqual([...FLOWS].toSorted());
  });

  it('open each flow inside the namespace at both ends', () => {
    const inner = FLOWS.filter((flow) => /^isartor-gateway → (redis|isartor|otel)/.test(flow));
    expect(inner).toHaveLength(4);
    const flows = allowedFlows(base);
    for (const flow of inner) expect(flows.filter((other) => other === flow)).toHaveLength(2);
  });

  it('deny what they do not list, in and out', () => {
    const deny = pick(base, 'NetworkPolicy/default-deny');
    expect(at(deny, 'spec')).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('external-redis: the gateway reaches it too, and the Redis of the cluster still', () => {
    const flows = allowedFlows(render('external-redis')).filter((flow) => /^isartor-gateway → .*:6379$/.test(flow));
    expect([...new Set(flows)]).toEqual(['redis', '0.0.0.0/0', '::/0'].map((peer) => `isartor-gateway → ${peer}:6379`));
  });

  it.each([
    ['istio', 'istio-ingress'],
    ['gateway-api', 'envoy-gateway-system'],
  ] as const)('%s: callers come from %s, and from nginx no more', (layer, namespace) => {
    const flows = allowedFlows(render(layer));
    expect(flows).toContain(`${namespace}/* → isartor-gateway:8080`);
    expect(flows.filter((flow) => flow.startsWith('ingress-nginx'))).toEqual([]);
  });
});
