import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '../../conformance/support/render.ts';
import { freePort } from '../../local/src/testing/free-port.ts';
import { makeCertificate } from '../control-plane/certificates.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { onCluster } from '../control-plane/kubectl.ts';
import { aggregate } from './aggregated-api.ts';

const NAMESPACE = 'keda';
/** KEDA's own among the definitions that `tools/cluster.sh` lays there: the first of its list. */
const DEFINITIONS = '1';

/** Starts the real operator and the server of its metrics, outside of the cluster and with its administrator's rights. */
export async function startKeda(cluster: ControlPlane): Promise<void> {
  const { kubeconfig } = cluster;
  const definitions = findTool('custom-resources');
  if (definitions === undefined) throw new Error('there are no custom resources (bash infra/tools/cluster.sh)');
  await onCluster(kubeconfig, 'kubectl', [
    'create',
    '--validate=false',
    '-f',
    join(realpathSync(definitions), DEFINITIONS),
  ]);
  await onCluster(kubeconfig, 'kubectl', ['create', 'namespace', NAMESPACE]);
  const certificates = await writeCertificates(cluster);
  const [metrics, health, service, secure, plain] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()));
  const env = { WATCH_NAMESPACE: '', POD_NAMESPACE: NAMESPACE, KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE };
  const operator = [
    `--kubeconfig=${kubeconfig}`,
    `--metrics-bind-address=127.0.0.1:${metrics}`,
    `--health-probe-bind-address=127.0.0.1:${health}`,
    `--metrics-service-bind-address=127.0.0.1:${service}`,
    `--cert-dir=${certificates}`,
  ];
  cluster.start('keda-operator', operator, env);
  const adapter = [
    `--lister-kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--client-ca-file=pki/ca.crt',
    `--secure-port=${secure}`,
    '--bind-address=127.0.0.1',
    `--port=${plain}`,
    `--tls-cert-file=${join(certificates, 'tls.crt')}`,
    `--tls-private-key-file=${join(certificates, 'tls.key')}`,
    `--metrics-service-address=localhost:${service}`,
  ];
  // A part of it reads no flag.
  cluster.start('keda-adapter', [...adapter, `--cert-dir=${certificates}`], { ...env, KUBECONFIG: kubeconfig });
  const api = { group: 'external.metrics.k8s.io', version: 'v1beta1', namespace: NAMESPACE, service: 'keda-adapter' };
  await aggregate(cluster, api, secure ?? 0);
}

/** The two speak to each other by mutual TLS. */
async function writeCertificates({ authority, folder }: ControlPlane): Promise<string> {
  const certificates = join(folder, 'keda');
  const { key, cert } = await makeCertificate(authority, 'keda');
  mkdirSync(certificates);
  writeFileSync(join(certificates, 'ca.crt'), authority.cert);
  writeFileSync(join(certificates, 'tls.crt'), cert);
  writeFileSync(join(certificates, 'tls.key'), key, { mode: 0o600 });
  return certificates;
}
