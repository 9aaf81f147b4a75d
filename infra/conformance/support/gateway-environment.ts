import type { KubernetesObject } from './kubernetes-object.ts';
import { pick } from './kubernetes-object.ts';
import { at, listAt, podTemplates } from './pods.ts';

/** What the Secrets of the guide hold, as an operator would fill them: by name, then by key. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * A container's environment as the kubelet makes it: Secrets read, and `$(NAME)` replaced by what came before it. Throws
 * for a Secret that is not there and not optional.
 */
export function environmentOf(
  objects: readonly KubernetesObject[],
  workload: string,
  secrets: Secrets,
): Readonly<Record<string, string>> {
  const [pod] = podTemplates([pick(objects, workload)]);
  const environment: Record<string, string> = {};
  for (const variable of listAt(pod?.containers[0]?.spec, 'env')) {
    const value = valueOf(variable, secrets);
    if (value === undefined) continue;
    const expanded = value.replaceAll(/\$\(([A-Z_0-9]+)\)/g, (whole, name: string) => environment[name] ?? whole);
    environment[String(at(variable, 'name'))] = expanded;
  }
  return environment;
}

function valueOf(variable: unknown, secrets: Secrets): string | undefined {
  const reference = at(variable, 'valueFrom', 'secretKeyRef');
  if (reference === undefined) return String(at(variable, 'value'));
  const value = secrets[String(at(reference, 'name'))]?.[String(at(reference, 'key'))];
  if (value === undefined && at(reference, 'optional') !== true) {
    throw new Error(`${String(at(variable, 'name'))}: no Secret has it`);
  }
  return value;
}
