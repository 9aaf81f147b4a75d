import { isMapping, type KubernetesObject } from '../../conformance/support/kubernetes-object.ts';

const WRITTEN_BY_THE_SERVER = new Set(['resourceVersion', 'managedFields', 'generation', 'annotations']);

/**
 * What of an object an apply could have changed: all but what the server and its controllers write. Replicas are the
 * autoscaler's: it may come between two applies.
 */
export function wanted({ status: _status, metadata, spec, ...rest }: KubernetesObject): unknown {
  const own = Object.entries(metadata).filter(([key]) => !WRITTEN_BY_THE_SERVER.has(key));
  return { ...rest, metadata: own, spec: isMapping(spec) ? { ...spec, replicas: undefined } : spec };
}
