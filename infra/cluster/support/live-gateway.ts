import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INFRA, render } from '../../conformance/support/render.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { apply, onCluster } from '../control-plane/kubectl.ts';
import { withVariable } from './with-variable.ts';

export const NAMESPACE = 'isartor';
/** The key of every client of a live gateway. */
export const KEY = 'a-key-of-the-live-cluster';

const SECRETS = [
  ['isartor-gateway-secret', 'gateway-api-key', KEY],
  ['isartor-llm-secret', 'api-key', 'sk-of-a-stand-in'],
  ['isartor-redis-secret', 'password', '0123456789abcdef'],
] as const;
/** What a storage class would provide for the claim of Redis; the test kubelet keeps the data in the pod's own folder. */
const DISK = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'of-redis' },
  spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/var/empty' } },
};

/** Runs kubectl in the gateway's namespace. */
export function kubectlOf({ kubeconfig }: ControlPlane): (...args: readonly string[]) => Promise<string> {
  return (...args) => onCluster(kubeconfig, 'kubectl', ['--namespace', NAMESPACE, ...args]);
}

/** Applies the manifests with their Secrets, and says of the world outside only where its cloud is. */
export async function applyManifests(
  cluster: ControlPlane,
  layer: Parameters<typeof render>[0],
  cloudUrl: string,
): Promise<void> {
  const kubectl = kubectlOf(cluster);
  await apply(cluster.kubeconfig, '-f', join(INFRA, 'k8s', 'base', 'namespace.yaml'));
  for (const [name, key, value] of SECRETS)
    await kubectl('create', 'secret', 'generic', name, `--from-literal=${key}=${value}`);
  const folder = mkdtempSync(join(tmpdir(), 'isartor-live-'));
  try {
    const items = [DISK, ...withVariable(render(layer), 'ISARTOR__EXTERNAL_LLM_URL', cloudUrl)];
    const manifests = join(folder, 'manifests.json');
    writeFileSync(manifests, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await apply(cluster.kubeconfig, '-f', manifests);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
