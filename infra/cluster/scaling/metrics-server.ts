import { join } from 'node:path';
import { freePort } from '../../local/src/testing/free-port.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { aggregate } from './aggregated-api.ts';

/** Starts the real metrics-server, which reads what the test kubelets tell of their pods. */
export async function startMetricsServer(cluster: ControlPlane): Promise<void> {
  const port = await freePort();
  const { kubeconfig } = cluster;
  cluster.start('metrics-server', [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(cluster.folder, 'metrics-server')}`,
    // The shortest that it takes.
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
    '--kubelet-insecure-tls',
    '--kubelet-use-node-status-port',
    '--kubelet-preferred-address-types=InternalIP',
  ]);
  const api = { group: 'metrics.k8s.io', version: 'v1beta1', namespace: 'kube-system', service: 'metrics-server' };
  await aggregate(cluster, api, port);
}
