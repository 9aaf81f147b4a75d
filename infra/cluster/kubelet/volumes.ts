import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesApi } from '../control-plane/api.ts';
import type { Container, Pod } from './pod.ts';

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

/** Turns each path below a mount into the one on this machine. */
export type MovePaths = (text: string) => string;

/**
 * Makes a container's mounts as folders below `folder`, those of ConfigMaps with their files (each first through
 * `edit`). A program without a mount namespace finds them by the paths that the result puts into its command and files.
 */
export async function mountVolumes(
  api: KubernetesApi,
  { metadata, spec }: Pod,
  { volumeMounts = [] }: Container,
  folder: string,
  edit: (text: string) => string,
): Promise<MovePaths> {
  const move: MovePaths = (text) =>
    volumeMounts.reduce(
      (moved, { name, mountPath }) =>
        moved.replaceAll(new RegExp(`(?<=^|[ =])${mountPath}(?=/|$|\\s)`, 'gm'), join(folder, name)),
      text,
    );
  for (const { name } of volumeMounts) {
    mkdirSync(join(folder, name), { recursive: true });
    const source = spec.volumes?.find((volume) => volume.name === name)?.configMap;
    if (source === undefined) continue;
    const { data = {} } = await api.get<ConfigMap>(
      `/api/v1/namespaces/${metadata.namespace}/configmaps/${source.name}`,
    );
    for (const [file, text] of Object.entries(data)) writeFileSync(join(folder, name, file), move(edit(text)));
  }
  return move;
}
