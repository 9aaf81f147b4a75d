import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idOf, parseObjects, parseYaml } from './kubernetes-object.ts';
import { leavesOf, type Leaf } from './leaves.ts';
import type { OVERLAYS } from './render.ts';

const FOLDER = join(import.meta.dirname, '..', 'guide');

/** A value that the guide promises: in which object, and where the rendered manifests have it. */
export interface Promised extends Leaf {
  readonly file: string;
  readonly object: string;
  readonly layer: 'base' | (typeof OVERLAYS)[number];
}

/** The guide's manifests, its words with the indentation that they lost on the way. */
export const MANIFESTS = [
  ['gateway-deployment.yaml', 'base'],
  ['inference-deployment.yaml', 'base'],
  ['embedding-deployment.yaml', 'base'],
  ['gateway-hpa.yaml', 'base'],
  ['inference-hpa.yaml', 'base'],
  ['ingress.yaml', 'base'],
  ['virtual-service.yaml', 'istio'],
] as const;

/** The guide's other servers for the inference pool: only the container is told. */
export const CONTAINERS = [
  ['inference-tgi.yaml', 'tgi'],
  ['inference-llamacpp.yaml', 'llamacpp'],
] as const;

/** The text of one of the guide's manifests. */
export function guideText(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

/** Every name and figure of the guide's manifests, one by one. */
export function promisedValues(): readonly Promised[] {
  return [...MANIFESTS.flatMap(([file, layer]) => ofManifest(file, layer)), ...CONTAINERS.flatMap(ofContainer)];
}

function ofManifest(file: string, layer: Promised['layer']): readonly Promised[] {
  return parseObjects(guideText(file)).flatMap((object) =>
    leavesOf(object).map((leaf) => ({ ...leaf, file, layer, object: idOf(object) })),
  );
}

function ofContainer([file, layer]: (typeof CONTAINERS)[number]): readonly Promised[] {
  return parseYaml(guideText(file))
    .flatMap((value) => leavesOf(value, 'spec.template.spec'))
    .map((leaf) => ({ ...leaf, file, layer, object: 'Deployment/isartor-inference' }));
}
