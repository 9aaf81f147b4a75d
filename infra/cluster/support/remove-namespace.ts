import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type KubernetesApi } from '../control-plane/api.ts';

const DEADLINE_MS = 90_000;

/** Removes a namespace with all that is in it, and waits until it is gone. */
export async function removeNamespace(api: KubernetesApi, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  const deadline = performance.now() + DEADLINE_MS;
  await api.remove(path);
  while (performance.now() < deadline) {
    try {
      await api.get(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return;
      throw error;
    }
    await pause(200);
  }
  throw new Error(`the namespace ${name} does not go`);
}
