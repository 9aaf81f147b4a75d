import type { ControlPlane } from '../control-plane/control-plane.ts';

/** An API of Kubernetes that a server of its own serves. */
export interface AggregatedApi {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly service: string;
}

/** Has the API server ask a process of this machine for an API: its Service leads out of the cluster, to loopback. */
export async function aggregate(
  { api }: ControlPlane,
  { group, version, namespace, service }: AggregatedApi,
  port: number,
): Promise<void> {
  await api.create(`/api/v1/namespaces/${namespace}/services`, {
    metadata: { name: service, namespace },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  });
  await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      // Its certificate is one of its own making.
      insecureSkipTLSVerify: true,
      service: { name: service, namespace, port },
    },
  });
}
