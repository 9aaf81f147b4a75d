import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesApi, WatchEvent } from '../control-plane/api.ts';
import type { Certified } from '../control-plane/certificates.ts';
import { KubeletServer } from './kubelet-server.ts';
import { PodWorker } from './pod-worker.ts';
import type { Pod } from './pod.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { complain } from '../support/complain.ts';

const HEARTBEAT_MS = 5_000;
const AGAIN_MS = 500;
const GPU = 'nvidia.com/gpu';
const RESOURCES = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** A node of the cluster whose pods are processes of this machine. */
export class TestKubelet {
  readonly #api: KubernetesApi;
  readonly #node: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'isartor-node-'));
  readonly #stopping = new AbortController();
  readonly #pods = new Map<string, PodWorker>();
  readonly #loops: Promise<void>[] = [];
  readonly #gpus: number;
  readonly #server: KubeletServer;
  #port = 0;

  /**
   * @param node its name
   * @param certified what the node shows to those who ask it
   * @param gpus how many it says that it has
   */
  constructor(api: KubernetesApi, node: string, certified: Certified, gpus = 0) {
    this.#api = api;
    this.#node = node;
    this.#gpus = gpus;
    const running = () => [...this.#pods.values()].flatMap((pod) => pod.running ?? []);
    this.#server = new KubeletServer(certified, () => resourceMetrics(running()));
  }

  /** Registers the node; resolves when pods can be scheduled on it. */
  async start(): Promise<void> {
    this.#port = await this.#server.start();
    const gpu = this.#gpus > 0 ? { [`${GPU}.present`]: 'true' } : {};
    const labels = { 'kubernetes.io/hostname': this.#node, 'kubernetes.io/os': 'linux', ...gpu };
    await this.#api.create('/api/v1/nodes', { metadata: { name: this.#node, labels } });
    await this.#beat();
    this.#loops.push(
      this.#repeat(HEARTBEAT_MS, () => this.#beat()),
      this.#repeat(AGAIN_MS, () => this.#watch()),
    );
  }

  /** Kills what runs, and says nothing to the API server any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#loops, ...[...this.#pods.values()].map((pod) => pod.kill())]);
    this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #repeat(milliseconds: number, act: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await act().catch((error: unknown) => {
        if (!signal.aborted) complain(`the kubelet of ${this.#node}`, error);
      });
      await pause(milliseconds, undefined, { signal }).catch(() => undefined);
    }
  }

  async #beat(): Promise<void> {
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: now };
    const resources = { ...RESOURCES, [GPU]: String(this.#gpus) };
    await this.#api.merge(`/api/v1/nodes/${this.#node}/status`, {
      status: {
        daemonEndpoints: { kubeletEndpoint: { Port: this.#port } },
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        capacity: resources,
        allocatable: resources,
        conditions: [ready],
      },
    });
  }

  async #watch(): Promise<void> {
    const path = `/api/v1/pods?fieldSelector=spec.nodeName=${this.#node}`;
    for await (const event of this.#api.watch<Pod>(path, this.#stopping.signal)) this.#follow(event);
  }

  #follow({ type, object: pod }: WatchEvent<Pod>): void {
    if (!['ADDED', 'MODIFIED', 'DELETED'].includes(type)) return;
    const { uid, name, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    const failed = (error: unknown): void => complain(`pod ${name}`, error);
    let worker = this.#pods.get(uid);
    if (type === 'DELETED') {
      this.#pods.delete(uid);
      worker?.kill().catch(failed);
      return;
    }
    if (worker === undefined) {
      const folder = join(this.#folder, uid);
      mkdirSync(folder);
      worker = new PodWorker(this.#api, pod, folder);
      this.#pods.set(uid, worker);
      if (deletionTimestamp === undefined) worker.run().catch(failed);
    }
    if (deletionTimestamp !== undefined) worker.terminate(deletionGracePeriodSeconds).catch(failed);
  }
}
