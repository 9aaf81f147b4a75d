import { isMapping, type KubernetesObject } from './kubernetes-object.ts';
import { at, listAt } from './pods.ts';

const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

/** What the policies let through, as one line each: `ingress-nginx/* → isartor-gateway:8080`. */
export function allowedFlows(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.filter(({ kind }) => kind === 'NetworkPolicy').flatMap(flowsOf);
}

function flowsOf(policy: KubernetesObject): readonly string[] {
  const self = podName(at(policy, 'spec', 'podSelector'));
  const inward = listAt(policy, 'spec', 'ingress').flatMap((rule) =>
    pairs(listAt(rule, 'from'), listAt(rule, 'ports')).map(([peer, port]) => `${peer} → ${self}:${port}`),
  );
  const outward = listAt(policy, 'spec', 'egress').flatMap((rule) =>
    pairs(listAt(rule, 'to'), listAt(rule, 'ports')).map(([peer, port]) => `${self} → ${peer}:${port}`),
  );
  return [...inward, ...outward];
}

/** A rule without peers or ports means all of them: it is written so that nobody overlooks it. */
function pairs(peers: readonly unknown[], ports: readonly unknown[]): readonly (readonly [string, string])[] {
  const froms = peers.length === 0 ? ['ANYWHERE'] : peers.map(peerName);
  const tos = ports.length === 0 ? ['ANY'] : ports.map(portName);
  return froms.flatMap((from) => tos.map((to) => [from, to] as const));
}

function portName(port: unknown): string {
  const protocol = at(port, 'protocol');
  return protocol === 'TCP' ? String(at(port, 'port')) : `${String(at(port, 'port'))}/${String(protocol)}`;
}

function peerName(peer: unknown): string {
  const cidr = at(peer, 'ipBlock', 'cidr');
  if (typeof cidr === 'string') return listAt(peer, 'ipBlock', 'except').length > 0 ? `internet(${cidr})` : cidr;
  const namespace = at(peer, 'namespaceSelector', 'matchLabels', NAMESPACE_LABEL);
  const pod = podName(at(peer, 'podSelector'));
  return typeof namespace === 'string' ? `${namespace}/${pod}` : pod;
}

function podName(selector: unknown): string {
  const [expression, ...others] = listAt(selector, 'matchExpressions');
  if (expression !== undefined) {
    if (others.length > 0 || at(expression, 'operator') !== 'In') throw new Error('not understood: matchExpressions');
    return listAt(expression, 'values').join(' or ');
  }
  const labels = at(selector, 'matchLabels');
  return isMapping(labels) ? Object.values(labels).join(',') : '*';
}
