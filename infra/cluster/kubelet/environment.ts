import { at } from '../../conformance/support/pods.ts';
import { ApiError, type KubernetesApi } from '../control-plane/api.ts';
import type { Container, EnvironmentVariable, KeyReference, Pod } from './pod.ts';

type Environment = Readonly<Record<string, string>>;

/**
 * A container's environment as the kubelet makes it: ConfigMaps, Secrets and the pod's own fields read, and `$(NAME)`
 * replaced by what came before it. Throws for a key that is not there and not optional.
 */
export async function environmentFor(
  api: KubernetesApi,
  pod: Pod,
  container: Container,
  address: string,
): Promise<Environment> {
  const environment: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = await valueOf(api, pod, variable, address);
    if (value === undefined) continue;
    environment[variable.name] = value.replaceAll(
      /\$\(([A-Za-z_0-9]+)\)/g,
      (whole, name: string) => environment[name] ?? whole,
    );
  }
  return environment;
}

async function valueOf(
  api: KubernetesApi,
  pod: Pod,
  { name, value = '', valueFrom }: EnvironmentVariable,
  address: string,
): Promise<string | undefined> {
  if (valueFrom === undefined) return value;
  const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom;
  if (configMapKeyRef !== undefined) return keyOf(api, pod, 'configmaps', configMapKeyRef);
  if (secretKeyRef !== undefined) {
    const encoded = await keyOf(api, pod, 'secrets', secretKeyRef);
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
  }
  if (fieldRef?.fieldPath === 'status.podIP') return address;
  const field = at(pod, ...(fieldRef?.fieldPath ?? '').split('.'));
  if (typeof field !== 'string') throw new Error(`${name}: the pod has no ${fieldRef?.fieldPath ?? 'such source'}`);
  return field;
}

async function keyOf(api: KubernetesApi, pod: Pod, kind: string, reference: KeyReference): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/${kind}/${reference.name}`;
  const object = await api.get<unknown>(path).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
  const value = at(object, 'data', reference.key);
  if (typeof value === 'string') return value;
  if (reference.optional === true) return undefined;
  throw new Error(`${kind}/${reference.name} has no key ${reference.key}`);
}
