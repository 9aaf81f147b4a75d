import type { KubernetesApi } from '../control-plane/api.ts';
import { onThisMachine } from './addresses.ts';

interface Services {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly clusterIP?: string };
  }[];
}

/**
 * What a pod's network namespace and the cluster's DNS would do, done to the environment: every address is the pod's own,
 * and the name of a Service before a port is its cluster address, both as they are on this machine.
 */
export async function inPodNetwork(
  api: KubernetesApi,
  namespace: string,
  address: string,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { items } = await api.get<Services>(`/api/v1/namespaces/${namespace}/services`);
  const move = (value: string): string =>
    items.reduce(
      (moved, { metadata, spec }) =>
        spec.clusterIP === undefined || spec.clusterIP === 'None'
          ? moved
          : moved.replaceAll(
              new RegExp(`(?<=[/@])${metadata.name}(\\.${namespace}(\\.svc(\\.cluster\\.local)?)?)?(?=:\\d)`, 'g'),
              onThisMachine(spec.clusterIP),
            ),
      value.replace(/^0\.0\.0\.0(?=:)/, address),
    );
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, move(value)]));
}
