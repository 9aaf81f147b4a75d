import type { KubernetesObject } from '../../conformance/support/kubernetes-object.ts';
import { listAt } from '../../conformance/support/pods.ts';

/** The manifests with one more variable in the gateway's container: what a test must say of the world outside. */
export function withVariable(
  objects: readonly KubernetesObject[],
  name: string,
  value: string,
): readonly KubernetesObject[] {
  const copy = structuredClone(objects);
  const gateway = copy.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'isartor-gateway');
  const [container] = listAt(gateway, 'spec', 'template', 'spec', 'containers');
  const variables = listAt(container, 'env');
  if (!Array.isArray(variables)) throw new Error('the gateway has no environment');
  variables.push({ name, value });
  return copy;
}
