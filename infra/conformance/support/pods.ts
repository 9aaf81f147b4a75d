import { idOf, isMapping, type KubernetesObject } from './kubernetes-object.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** The pods that a workload makes: its labels and what they run. */
export interface PodTemplate {
  /** `Deployment/isartor-gateway` */
  readonly workload: string;
  readonly labels: Mapping;
  readonly spec: Mapping;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly spec: Mapping;
}

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']);

/** Every pod template of a rendering; a workload whose template cannot be read is an error, never left out. */
export function podTemplates(objects: readonly KubernetesObject[]): readonly PodTemplate[] {
  return objects
    .filter(({ kind }) => WORKLOADS.has(kind))
    .map((object) => {
      const template = at(object, 'spec', 'template');
      const spec = mappingAt(template, 'spec');
      return {
        workload: idOf(object),
        labels: mappingAt(template, 'metadata', 'labels'),
        spec,
        containers: ['initContainers', 'containers'].flatMap((key) => listAt(spec, key).map(container)),
      };
    });
}

function container(value: unknown): Container {
  const spec = mappingAt(value);
  return { name: String(spec['name']), image: String(spec['image']), spec };
}

/** What stands at a path of keys; undefined where there is nothing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isMapping(inner) ? inner[key] : undefined), value);
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

function mappingAt(value: unknown, ...path: readonly string[]): Mapping {
  const found = at(value, ...path);
  if (!isMapping(found)) throw new Error(`nothing at ${path.join('.')}`);
  return found;
}
