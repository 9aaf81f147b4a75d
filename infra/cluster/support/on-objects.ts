import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../../conformance/support/kubernetes-object.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { onCluster, printedObjects } from '../control-plane/kubectl.ts';

/** Makes the objects, in their order, or what they are short of. */
export async function make(cluster: ControlPlane, objects: readonly KubernetesObject[]): Promise<void> {
  await onObjects(cluster, objects, 'apply', '--server-side');
}

/** The objects as they are on the server, in the same order. */
export async function live(
  cluster: ControlPlane,
  objects: readonly KubernetesObject[],
): Promise<readonly KubernetesObject[]> {
  return printedObjects(await onObjects(cluster, objects, 'get', '--output=json'));
}

/**
 * Removes the objects; what they made follows in the background. Their namespace stays: its going would take ten seconds,
 * most of which its controller waits.
 */
export async function remove(cluster: ControlPlane, objects: readonly KubernetesObject[]): Promise<void> {
  const inNamespaces = objects.filter(({ kind }) => kind !== 'Namespace');
  await onObjects(cluster, inNamespaces, 'delete', '--wait=false');
}

/** Runs kubectl on the objects, each in its own namespace, and gives what it prints. */
function onObjects(
  { kubeconfig, folder }: ControlPlane,
  objects: readonly KubernetesObject[],
  ...args: readonly string[]
): Promise<string> {
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return onCluster(kubeconfig, 'kubectl', [...args, '--filename', file]);
}
