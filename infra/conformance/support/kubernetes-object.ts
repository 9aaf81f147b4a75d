import { parseAllDocuments } from 'yaml';

/** One Kubernetes object, as a manifest says it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** All documents of a YAML stream; throws on the first that does not parse. */
export function parseYaml(text: string): readonly unknown[] {
  return parseAllDocuments(text)
    .map((document): unknown => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      const value: unknown = document.toJS();
      return value;
    })
    .filter((value) => value !== null);
}

/** A stream of manifests; throws where a document is none. */
export function parseObjects(text: string): readonly KubernetesObject[] {
  return parseYaml(text).map(toObject);
}

/** The same value; throws where it is none. */
export function toObject(value: unknown): KubernetesObject {
  if (!isObject(value)) throw new Error(`not a Kubernetes object: ${JSON.stringify(value)}`);
  return value;
}

function isObject(value: unknown): value is KubernetesObject {
  if (!isMapping(value)) return false;
  const { apiVersion, kind, metadata } = value;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    isMapping(metadata) &&
    typeof metadata['name'] === 'string'
  );
}

/** How an object is named in tests and in the guide's table of differences. */
export function idOf({ kind, metadata }: Pick<KubernetesObject, 'kind' | 'metadata'>): string {
  return `${kind}/${metadata.name}`;
}

/** The object of that name; throws when there is none, or more than one. */
export function pick(objects: readonly KubernetesObject[], id: string): KubernetesObject {
  const found = objects.filter((object) => idOf(object) === id);
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} objects are called ${id}`);
  return found[0];
}

/** A mapping of YAML, and nothing else. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
