import { setTimeout as pause } from 'node:timers/promises';
import type { FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from './control-plane/certificates.ts';
import { startControlPlane, type ControlPlane } from './control-plane/control-plane.ts';
import { TestKubelet } from './kubelet/kubelet.ts';
import { Load, type LoadReport } from './load/load.ts';
import { ServiceProxy } from './load/service-proxy.ts';
import { startCloud } from './support/cloud.ts';
import { applyManifests, KEY, kubectlOf, NAMESPACE } from './support/live-gateway.ts';

const GATEWAY = 'deployment/isartor-gateway';
const SELECTOR = 'app=isartor-gateway';
const SETTLE_MS = 150_000;

const nodes: TestKubelet[] = [];
const proxies: ServiceProxy[] = [];
let cluster: ControlPlane;
let cloud: FakeUpstream;
let origin: string;

const kubectl = (...args: readonly string[]): Promise<string> => kubectlOf(cluster)(...args);

beforeAll(async () => {
  cloud = await startCloud();
  cluster = await startControlPlane();
  for (const name of ['node-a', 'node-b']) {
    const node = new TestKubelet(cluster.api, name, await makeCertificate(cluster.authority, name));
    nodes.push(node);
    await node.start();
  }
  await applyManifests(cluster, 'base', cloud.url);
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
