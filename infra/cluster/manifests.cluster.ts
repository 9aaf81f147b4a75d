import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHART } from '../conformance/support/chart.ts';
import { idOf, pick, type KubernetesObject } from '../conformance/support/kubernetes-object.ts';
import { at, listAt, podTemplates, type PodTemplate } from '../conformance/support/pods.ts';
import { findTool, INFRA, OVERLAYS } from '../conformance/support/render.ts';
import { startControlPlane, type ControlPlane } from './control-plane/control-plane.ts';
import { apply, onCluster } from './control-plane/kubectl.ts';
import { live, make, remove } from './support/on-objects.ts';
import { release, type Release } from './support/release.ts';
import { wanted } from './support/wanted.ts';

const NAMESPACE = 'isartor';
const UNRESTRICTED = { containers: [{ name: 'a', image: 'a:1' }] };

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane();
  // Where the mesh's own gateway lives, which is there before an overlay for it.
  await kubectl('create', 'namespace', 'istio-ingress');
  const definitions = findTool('custom-resources');
  if (definitions === undefined) throw new Error('there are no custom resources (bash infra/tools/cluster.sh)');
  // A link, which kubectl would not follow.
  await kubectl('create', '--validate=false', '--recursive', '-f', realpathSync(definitions));
});

afterAll(() => cluster.stop());

const kubectl = (...args: readonly string[]): Promise<string> =>
  onCluster(cluster.kubeconfig, 'kubectl', ['--namespace', NAMESPACE, ...args]);
const helm = (...args: readonly string[]): Promise<string> =>
  onCluster(cluster.kubeconfig, 'helm', ['--namespace', NAMESPACE, ...args]);
/** Installs or upgrades the release. */
const chart = (command: 'install' | 'upgrade', ...args: readonly string[]): Promise<Release> =>
  release(cluster.kubeconfig, command, 'isartor', CHART, '--namespace', NAMESPACE, ...args);

/** All that an account may do in the namespace, as kubectl prints it. */
const rights = (account: string): Promise<string> =>
  kubectl('auth', 'can-i', '--list', '--as', `system:serviceaccount:${NAMESPACE}:${account}`);
/** How many pods the gateway's Deployment says it has. */
const replicas = (): Promise<string> => kubectl('get', 'deployment', 'isartor-gateway', '-o=jsonpath={.spec.replicas}');
/** As an autoscaler does it, by the Deployment's subresource. */
const scale = (count: number): Promise<string> =>
  kubectl('scale', 'deployment', 'isartor-gateway', `--replicas=${count}`);

/** Asks the server to admit a pod of the template, without making it. */
async function admit({ spec, labels }: Pick<PodTemplate, 'spec' | 'labels'>): Promise<void> {
  const metadata = { generateName: 'dry-', labels };
  await cluster.api.create(`/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`, { metadata, spec });
}

async function admitAll(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  for (const object of objects) {
    for (const { spec, labels } of podTemplates([object])) {
      await admit({ labels, spec: { ...spec, volumes: [...listAt(spec, 'volumes'), ...claimedVolumes(object)] } });
    }
  }
  return podTemplates(objects).map(({ workload }) => workload);
}

/** What a StatefulSet gives to each of its pods. */
function claimedVolumes(object: KubernetesObject): readonly unknown[] {
  return listAt(object, 'spec', 'volumeClaimTemplates').map((claim) => {
    const name = at(claim, 'metadata', 'name');
    return { name, persistentVolumeClaim: { claimName: name } };
  });
}

/** What the first container of a workload has in its environment. */
const environment = (workload: KubernetesObject): unknown => podTemplates([workload])[0]?.containers[0]?.spec['env'];

describe.each(['base', ...OVERLAYS])('%s', (layer) => {
  const folder = join(INFRA, 'k8s', layer === 'base' ? 'base' : join('overlays', layer));
  let objects: readonly KubernetesObject[];

  afterAll(() => remove(cluster, objects));

  it('is applied', async () => {
    objects = await apply(cluster.kubeconfig, '-k', folder);
    expect(objects.map(idOf)).toContain('Deployment/isartor-gateway');
  });

  it('makes no pod that Pod Security would refuse', async () => {
    expect(await admitAll(objects)).toContain('Deployment/isartor-gateway');
    await expect(admit({ spec: UNRESTRICTED, labels: {} })).rejects.toThrow('violates PodSecurity');
  });

  it('and a second apply changes nothing', async () => {
    const again = await apply(cluster.kubeconfig, '-k', folder);
    expect(again.map(wanted)).toEqual(objects.map(wanted));
  });
});

describe('the base under its ServiceAccounts and its autoscalers', () => {
  let objects: readonly KubernetesObject[];

  beforeAll(async () => {
    objects = await apply(cluster.kubeconfig, '-k', join(INFRA, 'k8s', 'base'));
  });

  it('lets an account do what any account may, and nothing more', async () => {
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    expect(accounts).toContain('isartor-gateway');
    const anyone = await rights('an-account-that-nobody-bound');
    for (const account of accounts) expect(await rights(account)).toBe(anyone);
    const account = `--serviceaccount=${NAMESPACE}:isartor-gateway`;
    await kubectl('create', 'rolebinding', 'seen', '--clusterrole=view', account);
    // A right that is given is seen.
    expect(await rights('isartor-gateway')).not.toBe(anyone);
  });

  it('is not applied over what an autoscaler has made of its replicas, but production is, and leaves it', async () => {
    await scale(7);
    await expect(apply(cluster.kubeconfig, '-k', join(INFRA, 'k8s', 'base'))).rejects.toThrow('.spec.replicas');
    objects = await apply(cluster.kubeconfig, '-k', join(INFRA, 'k8s', 'overlays', 'production'));
    expect(await replicas()).toBe('7');
  });

  afterAll(() => remove(cluster, objects));
});

describe('the chart', () => {
  // Helm needs it before it makes anything.
  beforeAll(() => apply(cluster.kubeconfig, '-f', join(INFRA, 'k8s', 'base', 'namespace.yaml')));

  describe('with its own values', () => {
    let first: Release;

    afterAll(() => helm('uninstall', 'isartor'));

    it('is installed', async () => {
      first = await chart('install');
      expect(await admitAll(first.objects)).toContain('Deployment/isartor-gateway');
    });

    it('is upgraded, and leaves what an autoscaler has made of its replicas', async () => {
      await scale(7);
      const upgraded = await chart('upgrade', '--set-string', 'gateway.settings.ISARTOR__SIMILARITY_THRESHOLD=0.9');
      expect(upgraded.objects).not.toEqual(first.objects);
      expect(await admitAll(upgraded.objects)).toContain('Deployment/isartor-gateway');
      expect(await replicas()).toBe('7');
    });

    it('and rolled back, likewise', async () => {
      await scale(9);
      await helm('rollback', 'isartor', '1');
      const gateway = pick(first.objects, 'Deployment/isartor-gateway');
      expect((await live(cluster, [gateway])).map(environment)).toEqual([environment(gateway)]);
      expect(await replicas()).toBe('9');
    });
  });

  describe.each(readdirSync(join(CHART, 'ci')))('with ci/%s', (file) => {
    const values = ['--values', join(CHART, 'ci', file), '--set', 'namespace.create=false'];
    let installed: Release;

    afterAll(() => helm('uninstall', 'isartor'));

    it('is installed', async () => {
      installed = await chart('install', ...values);
      expect(installed.objects.map(idOf)).toContain('Deployment/isartor-gateway');
    });

    it('makes no pod that Pod Security would refuse', async () => {
      await admitAll(installed.objects);
      // What `helm test` makes is made.
      expect(installed.tests.map(idOf)).toContain('Pod/isartor-test-ready');
      await make(cluster, installed.tests);
      await remove(cluster, installed.tests);
    });

    it('and an upgrade with the same values changes nothing', async () => {
      const before = await live(cluster, installed.objects);
      // The install has asked whether they are valid; to ask again would take nearly half of the time.
      await chart('upgrade', ...values, '--disable-openapi-validation');
      expect((await live(cluster, installed.objects)).map(wanted)).toEqual(before.map(wanted));
    });
  });
});
