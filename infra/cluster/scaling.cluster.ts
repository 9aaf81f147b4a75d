import { setTimeout as pause } from 'node:timers/promises';
import { chatBody, chatRequest, fakeUpstream, jsonAnswer, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from './control-plane/certificates.ts';
import { startControlPlane, type ControlPlane } from './control-plane/control-plane.ts';
import { TestKubelet } from './kubelet/kubelet.ts';
import { Load } from './load/load.ts';
import { ServiceProxy } from './load/service-proxy.ts';
import { startKeda } from './scaling/keda.ts';
import { startMetricsServer } from './scaling/metrics-server.ts';
import { startPrometheus } from './scaling/prometheus.ts';
import { applyManifests, KEY, kubectlOf, NAMESPACE } from './support/live-gateway.ts';

const POOL = 'deployment/isartor-inference';
const GATEWAY = 'deployment/isartor-gateway';
const SETTLE_MS = 150_000;
/** Clients of the small model at once: three pods' worth by the manifest's threshold of 4. */
const CROWD = 12;

const proxies: ServiceProxy[] = [];
let cluster: ControlPlane;
let node: TestKubelet;
let cloud: FakeUpstream;
let origin: string;
let questions = 0;

const kubectl = (...args: readonly string[]): Promise<string> => kubectlOf(cluster)(...args);

/** Clocks that a test can wait for, and where its Prometheus is; what decides (query, threshold, bounds) is as it is. */
const quicker = (prometheus: string): readonly (readonly [string, readonly unknown[]])[] => [
  [
    'scaledobject/isartor-inference',
    [
      { op: 'replace', path: '/spec/pollingInterval', value: 2 },
      { op: 'replace', path: '/spec/cooldownPeriod', value: 5 },
      { op: 'replace', path: '/spec/triggers/0/metadata/serverAddress', value: prometheus },
    ],
  ],
  [
    POOL,
    ['startupProbe', 'readinessProbe'].flatMap((probe) => [
      { op: 'add', path: `/spec/template/spec/containers/0/${probe}/initialDelaySeconds`, value: 0 },
      { op: 'replace', path: `/spec/template/spec/containers/0/${probe}/periodSeconds`, value: 1 },
    ]),
  ],
  [
    'hpa/isartor-gateway-hpa',
    [
      // The other metric is the Prometheus Adapter's, which is not to be had here; without it nothing would scale down.
      { op: 'remove', path: '/spec/metrics/1' },
      { op: 'replace', path: '/spec/behavior/scaleUp/stabilizationWindowSeconds', value: 0 },
      { op: 'replace', path: '/spec/behavior/scaleDown', value: { stabilizationWindowSeconds: 5 } },
    ],
  ],
];

beforeAll(async () => {
  cloud = await fakeUpstream({ respond: jsonAnswer(chatBody('cloud')) });
  cluster = await startControlPlane();
  const prometheus = await startPrometheus(cluster);
  await startKeda(cluster);
  await startMetricsServer(cluster);
  await applyManifests(cluster, 'keda', cloud.url);
  for (const [name, patch] of quicker(prometheus)) {
    await kubectl('patch', name, '--type=json', `--patch=${JSON.stringify(patch)}`);
  }
  node = new TestKubelet(cluster.api, 'node-a', await makeCertificate(cluster.authority, 'node-a'), 8);
  await node.start();
  const services = ['isartor-gateway', 'redis', 'isartor-inference'];
  proxies.push(...services.map((name) => new ServiceProxy(cluster.api, NAMESPACE, name)));
  [origin = ''] = await Promise.all(proxies.map((proxy) => proxy.start()));
  await kubectl('rollout', 'status', 'statefulset/redis', '--timeout=120s');
  await kubectl('rollout', 'status', GATEWAY, '--timeout=120s');
});

afterAll(async () => {
  await node?.stop();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await cluster?.stop();
  await cloud?.close();
});

/** A number of a Deployment, 0 where it says none. */
async function count(deployment: string, path: string): Promise<number> {
  return Number((await kubectl('get', deployment, `--output=jsonpath={${path}}`)) || 0);
}

/** What the pods use; '' while nobody knows. */
function top(): Promise<string> {
  return kubectl('top', 'pods').catch(() => '');
}

/** The pool begins with one replica: KEDA takes it away. */
async function isAsleep(): Promise<boolean> {
  return (await count(POOL, '.spec.replicas')) === 0 && (await count(POOL, '.status.replicas')) === 0;
}

async function until(what: string, holds: () => Promise<boolean>, withinMs = SETTLE_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      const there = await kubectl('get', 'hpa,deployments,pods', '--output=wide');
      throw new Error(`not within ${withinMs / 1_000} s: ${what}\n${there}`);
    }
    await pause(250);
  }
}

/** Asks what nobody has asked before and gives the layer that answered. */
async function ask(): Promise<string | null> {
  questions += 1;
  const response = await fetch(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
    body: JSON.stringify(chatRequest(`question ${questions}`)),
  });
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get('x-isartor-layer');
}

describe('the pool of the small model, by KEDA on what waits for it', () => {
  it('sleeps while nobody asks', async () => {
    await until('no replica', isAsleep);
    expect(await count(POOL, '.status.replicas')).toBe(0);
  });

  it('wakes by the first question, which the cloud answers, and its first replica answers as soon as it is ready', async () => {
    expect(await ask()).toBe('l3');
    await until('a ready replica', async () => (await count(POOL, '.status.readyReplicas')) > 0);
    const readyAt = performance.now();
    await until('an answer of it', async () => (await ask()) === 'l2', 10_000);
    expect(performance.now() - readyAt).toBeLessThan(10_000);
  });

  it('grows with those who wait', async () => {
    const clients = new AbortController();
    const asking = Array.from({ length: CROWD }, async () => {
      const layers = new Set<string | null>();
      while (!clients.signal.aborted) layers.add(await ask());
      return layers;
    });
    try {
      await until('three replicas', async () => (await count(POOL, '.status.readyReplicas')) >= 3);
    } finally {
      clients.abort();
    }
    for (const layers of await Promise.all(asking)) expect(layers).toContain('l2');
  });
});

describe('the gateway, by the CPU that the metrics-server tells of', () => {
  it('is measured', async () => {
    await until('figures', async () => (await top()).includes('isartor-gateway'));
    expect(await top()).toMatch(/isartor-gateway-\S+\s+\d+m\s+\d+Mi/);
  });

  it('grows under load and shrinks after it, and no request fails', async () => {
    const load = new Load({ origin, key: KEY, model: 'gpt-4o', plain: 8, streams: 0 });
    try {
      await until('more than two replicas', async () => (await count(GATEWAY, '.spec.replicas')) > 2);
    } finally {
      load.finish();
    }
    await until('two replicas', async () => (await count(GATEWAY, '.spec.replicas')) === 2);
    const report = await load.report();
    expect(report.failures).toEqual([]);
    expect(report.answered).toBeGreaterThan(100);
  });
});

describe('the pool, when it has not been asked for a while', () => {
  it('sleeps again', async () => {
    await until('no replica', isAsleep);
    expect(await count(POOL, '.status.replicas')).toBe(0);
  });
});
