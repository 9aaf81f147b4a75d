import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type KubernetesApi } from '../control-plane/api.ts';
import { nextPodAddress, onThisMachine } from './addresses.ts';
import { ContainerProcess } from './container-process.ts';
import { environmentFor } from './environment.ts';
import { localImage } from './images.ts';
import { inPodNetwork } from './pod-network.ts';
import type { Container, Pod, Probe } from './pod.ts';
import { podPath, reportRunning } from './pod-status.ts';
import { probeLoop, type Changed } from './probe-loop.ts';
import type { RunningContainer } from './resource-metrics.ts';
import { mountVolumes } from './volumes.ts';
import { complain } from '../support/complain.ts';

const RESTART_MS = 1_000;
const DEFAULT_GRACE_SECONDS = 30;

/** One pod on the test kubelet's node: its first container as a process, started again when it ends by itself. */
export class PodWorker {
  readonly #api: KubernetesApi;
  readonly #pod: Pod;
  readonly #folder: string;
  readonly #address = nextPodAddress();
  readonly #stopping = new AbortController();
  readonly #startedAt = new Date().toISOString();
  #process: ContainerProcess | undefined;
  #restarts = 0;
  #terminating: Promise<void> | undefined;

  /** @param folder where the pod's volumes are made; its own, and removed by whoever gave it */
  constructor(api: KubernetesApi, pod: Pod, folder: string) {
    this.#api = api;
    this.#pod = pod;
    this.#folder = folder;
  }

  /** Runs until the pod is terminated. */
  async run(): Promise<void> {
    const [container] = this.#pod.spec.containers;
    if (container === undefined) throw new Error('a pod without containers');
    if (localImage(container.image) === undefined) return this.#report(true);
    while (!this.#stopping.signal.aborted) {
      const process = await this.#start(container);
      const probing = new AbortController();
      this.#probe(container, process, probing.signal).catch((error: unknown) =>
        complain(`a probe of ${this.#pod.metadata.name}`, error),
      );
      const code = await process.ended;
      probing.abort();
      if (this.#stopping.signal.aborted) return;
      complain(`${this.#pod.metadata.name} ended with ${code}`, process.log);
      this.#restarts += 1;
      await this.#report(false);
      await pause(RESTART_MS);
    }
  }

  /** What runs of it now. */
  get running(): RunningContainer | undefined {
    const { name: pod, namespace } = this.#pod.metadata;
    const [container] = this.#pod.spec.containers;
    const pid = this.#process?.pid;
    return container === undefined || pid === undefined ? undefined : { namespace, pod, name: container.name, pid };
  }

  /** Ends the pod within its grace period and takes it out of the API. A second call waits for the first. */
  terminate(graceSeconds = DEFAULT_GRACE_SECONDS): Promise<void> {
    this.#terminating ??= this.#terminate(graceSeconds);
    return this.#terminating;
  }

  /** The pod is gone from the API already: nothing waits for it any more. */
  async kill(): Promise<void> {
    this.#stopping.abort();
    await this.#process?.terminate(0);
  }

  async #terminate(graceSeconds: number): Promise<void> {
    this.#stopping.abort();
    await this.#process?.terminate(graceSeconds);
    const { uid } = this.#pod.metadata;
    await unlessGone(this.#api.remove(podPath(this.#pod), { gracePeriodSeconds: 0, preconditions: { uid } }));
  }

  async #start(container: Container): Promise<ContainerProcess> {
    const image = localImage(container.image);
    if (image === undefined) throw new Error(`${container.image} is not on this machine`);
    const address = onThisMachine(this.#address);
    const edit = (text: string): string => image.file(text, address);
    const move = await mountVolumes(this.#api, this.#pod, container, this.#folder, edit);
    const own = await environmentFor(this.#api, this.#pod, container, this.#address);
    const moved = await inPodNetwork(this.#api, this.#pod.metadata.namespace, address, own);
    const path = `${image.programs(this.#folder, address)}:/usr/local/bin:/usr/bin:/bin`;
    const args = image.args?.(container.args ?? [], address) ?? container.args ?? [];
    const local = {
      // An image's own program lies where it lies here.
      command: [...(container.command?.map(move) ?? image.command), ...args.map(move)],
      cwd: this.#folder,
      env: { PATH: path, ...image.env, ...moved },
    };
    this.#process = new ContainerProcess(container, local, address);
    await this.#report(container.readinessProbe === undefined);
    return this.#process;
  }

  /** Readiness and liveness are asked once the startup probe, where there is one, has succeeded. */
  async #probe(container: Container, process: ContainerProcess, signal: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    const follow = (probe: Probe | undefined, changed: Changed, until = signal): Promise<void> =>
      probe === undefined ? Promise.resolve() : probeLoop(probe, (one, ms) => process.ask(one, ms), changed, until);
    const restartUnless = async (succeeds: boolean): Promise<void> => {
      if (!succeeds && !this.#stopping.signal.aborted) await process.terminate(DEFAULT_GRACE_SECONDS);
    };
    const started = new AbortController();
    const starting = async (succeeds: boolean): Promise<void> => {
      started.abort();
      await restartUnless(succeeds);
    };
    await follow(startupProbe, starting, AbortSignal.any([signal, started.signal]));
    await Promise.all([
      follow(readinessProbe, (succeeds) => this.#report(succeeds)),
      follow(livenessProbe, restartUnless),
    ]);
  }

  async #report(ready: boolean): Promise<void> {
    await unlessGone(
      reportRunning(this.#api, this.#pod, this.#address, {
        ready,
        restarts: this.#restarts,
        startedAt: this.#startedAt,
      }),
    );
  }
}

/** A pod that is gone, or another one of its name, needs no word of ours. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiError) || ![404, 409].includes(error.status)) throw error;
  }
}
