import type { KubernetesApi } from '../control-plane/api.ts';
import type { Pod } from './pod.ts';

/** What is known of a pod's containers. */
export interface PodState {
  readonly ready: boolean;
  readonly restarts: number;
  /** When its first container was started, as the API has times. */
  readonly startedAt: string;
}

/** Path of a pod in the API. */
export function podPath({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

/** Tells the API server that the pod runs, at which address, and whether it is ready. */
export async function reportRunning(
  api: KubernetesApi,
  pod: Pod,
  address: string,
  { ready, restarts, startedAt }: PodState,
): Promise<void> {
  const now = new Date().toISOString();
  const condition = (type: string, holds: boolean): unknown => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: now,
  });
  await api.merge(`${podPath(pod)}/status`, {
    metadata: { uid: pod.metadata.uid },
    status: {
      phase: 'Running',
      hostIP: '127.0.0.1',
      startTime: startedAt,
      podIP: address,
      podIPs: [{ ip: address }],
      conditions: [
        condition('PodScheduled', true),
        condition('Initialized', true),
        condition('ContainersReady', ready),
        condition('Ready', ready),
      ],
      containerStatuses: pod.spec.containers.map(({ name, image }) => ({
        name,
        image,
        imageID: image,
        ready,
        started: true,
        restartCount: restarts,
        state: { running: { startedAt: now } },
      })),
    },
  });
}
