import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INFRA, render } from '../conformance/support/render.ts';
import { startControlPlane, type ControlPlane } from './control-plane/control-plane.ts';
import { apply, onCluster } from './control-plane/kubectl.ts';
import { TestKubelet } from './kubelet/kubelet.ts';
import { Load, type LoadReport } from './load/load.ts';
import { ServiceProxy } from './load/service-proxy.ts';
import { startCloud } from './support/cloud.ts';
import { withVariable } from './support/with-variable.ts';

const NAMESPACE = 'isartor';
const GATEWAY = 'deployment/isartor-gateway';
const SELECTOR = 'app=isartor-gateway';
const KEY = 'a-key-of-the-live-cluster';
const SECRETS = [
  ['isartor-gateway-secret', 'gateway-api-key', KEY],
  ['isartor-llm-secret', 'api-key', 'sk-of-a-stand-in'],
  ['isartor-redis-secret', 'password', '0123456789abcdef'],
] as const;
/** What a storage class would provide for the claim of Redis; the test kubelet keeps the data in the pod's own folder. */
const DISK = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'of-redis' },
  spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/var/empty' } },
};
const SETTLE_MS = 150_000;

const folder = mkdtempSync(join(tmpdir(), 'isartor-live-'));
const nodes: TestKubelet[] = [];
const proxies: ServiceProxy[] = [];
let cluster: ControlPlane;
let cloud: FakeUpstream;
let origin: string;

const kubectl = (...args: readonly string[]): Promise<string> =>
  onCluster(cluster.kubeconfig, 'kubectl', ['--namespace', NAMESPACE, ...args]);

beforeAll(async () => {
  cloud = await startCloud();
  cluster = await startControlPlane();
  for (const name of ['node-a', 'node-b']) {
    const node = new TestKubelet(cluster.api, name);
    nodes.push(node);
    await node.start();
  }
  await apply(cluster.kubeconfig, '-f', join(INFRA, 'k8s', 'base', 'namespace.yaml'));
  for (const [name, key, value] of SECRETS)
    await kubectl('create', 'secret', 'generic', name, `--from-literal=${key}=${value}`);
  const manifests = join(folder, 'base.json');
  const items = [DISK, ...withVariable(render('base'), 'ISARTOR__EXTERNAL_LLM_URL', cloud.url)];
  writeFileSync(manifests, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await apply(cluster.kubeconfig, '-f', manifests);
  const [gateway, redis] = ['isartor-gateway', 'redis'].map((name) => new ServiceProxy(cluster.api, NAMESPACE, name));
  if (gateway === undefined || redis === undefined) throw new Error('no proxies');
  proxies.push(gateway, redis);
  origin = await gateway.start();
  await redis.start();
  await kubectl('rollout', 'status', 'statefulset/redis', '--timeout=120s');
  await kubectl('rollout', 'status', GATEWAY, '--timeout=120s');
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await cluster?.stop();
  await cloud?.close();
  rmSync(folder, { recursive: true });
});

/** The gateway's pods, those that are still ending among them: their names. */
async function pods(): Promise<readonly string[]> {
  const printed = await kubectl('get', 'pods', '--selector', SELECTOR, '--output', 'name');
  return printed.split('\n').filter((line) => line !== '');
}

/** Waits until none of these pods is left. */
async function gone(names: readonly string[]): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    const there = await pods();
    if (names.every((name) => !there.includes(name))) return;
    await pause(500);
  }
  throw new Error(`not gone: ${names.join(', ')}`);
}

/** Waits until no more than so many pods are left. */
async function only(count: number): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline) {
    if ((await pods()).length === count) return;
    await pause(500);
  }
  throw new Error(`not ${count} pods`);
}

/** What clients see while `act` goes on, from before its start until its end. */
async function underLoad(act: () => Promise<void>): Promise<LoadReport> {
  const load = new Load({ origin, key: KEY, plain: 2, streams: 6 });
  try {
    await pause(2_000);
    await act();
  } finally {
    load.finish();
  }
  return load.report();
}

async function drain(node: string, ...flags: readonly string[]): Promise<void> {
  await kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=150s', ...flags);
  await kubectl('uncordon', node);
  await kubectl('rollout', 'status', GATEWAY, '--timeout=120s');
}

describe('two cores with the environment of the manifests', () => {
  it('are ready, and answer through the Service', async () => {
    expect(await pods()).toHaveLength(2);
    const report = await underLoad(() => pause(2_000));
    expect(report.failures).toEqual([]);
    expect(report.answered).toBeGreaterThan(10);
  });

  it('are replaced by others, and no request fails', async () => {
    const before = await pods();
    const report = await underLoad(async () => {
      await kubectl('rollout', 'restart', GATEWAY);
      await kubectl('rollout', 'status', GATEWAY, '--timeout=120s');
      await gone(before);
    });
    expect(report.failures).toEqual([]);
    expect(report.streamed).toBeGreaterThan(5);
  });

  it('become four and two again, and no request fails', async () => {
    await kubectl('scale', GATEWAY, '--replicas=4');
    await kubectl('rollout', 'status', GATEWAY, '--timeout=120s');
    const report = await underLoad(async () => {
      await kubectl('scale', GATEWAY, '--replicas=2');
      await only(2);
    });
    expect(report.failures).toEqual([]);
  });

  it('leave a node that is drained, and no request fails', async () => {
    const report = await underLoad(() => drain('node-a'));
    expect(report.failures).toEqual([]);
  });

  it('cut streams when they are given a grace of one second: the load does tell', async () => {
    const report = await underLoad(() => drain('node-b', '--grace-period=1'));
    expect(report.failures.some((failure) => failure.startsWith('stream: '))).toBe(true);
  });
});
