import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, parseObjects, pick, type KubernetesObject } from '../conformance/support/kubernetes-object.ts';
import { at, listAt, podTemplates, type PodTemplate } from '../conformance/support/pods.ts';
import { findTool, INFRA, OVERLAYS } from '../conformance/support/render.ts';
import { startControlPlane, type ControlPlane } from './control-plane/control-plane.ts';
import { apply, onCluster } from './control-plane/kubectl.ts';
import { removeNamespace } from './support/remove-namespace.ts';
import { wanted } from './support/wanted.ts';

const NAMESPACE = 'isartor';
const CHART = join(INFRA, 'helm', 'isartor');
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

/** Leaves nothing of what was applied: the namespace, and what belongs to none. */
async function removeAll(): Promise<void> {
  await removeNamespace(cluster.api, NAMESPACE);
  await kubectl('delete', '-f', join(INFRA, 'k8s', 'base', 'priority-classes.yaml'));
}

/** All that an account may do in the namespace, as kubectl prints it. */
const rights = (account: string): Promise<string> =>
  kubectl('auth', 'can-i', '--list', '--as', `system:serviceaccount:${NAMESPACE}:${account}`);
/** What the release has applied last. */
const manifest = async (): Promise<readonly KubernetesObject[]> =>
  parseObjects(await helm('get', 'manifest', 'isartor'));

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

describe.each(['base', ...OVERLAYS])('%s', (layer) => {
  const folder = join(INFRA, 'k8s', layer === 'base' ? 'base' : join('overlays', layer));
  let objects: readonly KubernetesObject[];

  afterAll(removeAll);

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

describe('the ServiceAccounts of the base', () => {
  afterAll(removeAll);

  it('may do what any account may, and nothing more', async () => {
    const objects = await apply(cluster.kubeconfig, '-k', join(INFRA, 'k8s', 'base'));
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    expect(accounts).toContain('isartor-gateway');
    const anyone = await rights('an-account-that-nobody-bound');
    for (const account of accounts) expect(await rights(account)).toBe(anyone);
    const account = `--serviceaccount=${NAMESPACE}:isartor-gateway`;
    await kubectl('create', 'rolebinding', 'seen', '--clusterrole=view', account);
    // A right that is given is seen.
    expect(await rights('isartor-gateway')).not.toBe(anyone);
  });
});

describe('the chart', () => {
  afterAll(removeAll);

  it('is installed', async () => {
    await apply(cluster.kubeconfig, '-f', join(INFRA, 'k8s', 'base', 'namespace.yaml'));
    await helm('install', 'isartor', CHART);
    expect(await admitAll(await manifest())).toContain('Deployment/isartor-gateway');
  });

  it('is upgraded', async () => {
    await helm('upgrade', 'isartor', CHART, '--set-string', 'gateway.settings.ISARTOR__SIMILARITY_THRESHOLD=0.9');
    expect(await admitAll(await manifest())).toContain('Deployment/isartor-gateway');
  });

  it('and rolled back', async () => {
    const upgraded = await manifest();
    await helm('rollback', 'isartor', '1');
    const first = await manifest();
    expect(first).not.toEqual(upgraded);
    const gateway = await cluster.api.get<KubernetesObject>(
      `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/isartor-gateway`,
    );
    expect(podTemplates([gateway])[0]?.containers[0]?.spec['env']).toEqual(
      podTemplates([pick(first, 'Deployment/isartor-gateway')])[0]?.containers[0]?.spec['env'],
    );
  });
});
