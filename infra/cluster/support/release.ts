import { parseObjects, type KubernetesObject } from '../../conformance/support/kubernetes-object.ts';
import { at, listAt } from '../../conformance/support/pods.ts';
import { onCluster } from '../control-plane/kubectl.ts';

/** What a release of the chart consists of. */
export interface Release {
  /** What it has applied. */
  readonly objects: readonly KubernetesObject[];
  /** What `helm test` would make, in its order. */
  readonly tests: readonly KubernetesObject[];
}

/** Runs `helm install` or `helm upgrade` with these arguments and gives what became of it. */
export async function release(kubeconfig: string, ...args: readonly string[]): Promise<Release> {
  const value: unknown = JSON.parse(await onCluster(kubeconfig, 'helm', [...args, '--output=json']));
  const hooks = listAt(value, 'hooks').toSorted((a, b) => weight(a) - weight(b));
  return { objects: manifest(value), tests: hooks.flatMap(manifest) };
}

const manifest = (value: unknown): readonly KubernetesObject[] => parseObjects(String(at(value, 'manifest')));
const weight = (hook: unknown): number => Number(at(hook, 'weight') ?? 0);
