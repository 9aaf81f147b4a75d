import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { idOf, pick, type KubernetesObject } from './support/kubernetes-object.ts';
import { restrictedFaults } from './support/pod-security.ts';
import { at, listAt, podTemplates, type Container, type PodTemplate } from './support/pods.ts';
import { cannotRender, INFRA, OVERLAYS, render } from './support/render.ts';

// Tags that move, as the guide has them. The production overlay has none.
const MOVING_BY_THE_GUIDE = [
  'vllm/vllm-openai:latest',
  'ghcr.io/huggingface/text-embeddings-inference:cpu-latest',
  'ghcr.io/ggml-org/llama.cpp:server',
];

const layers = cannotRender() ? [] : (['base', ...OVERLAYS] as const).map((layer) => [layer, render(layer)] as const);
const pods = layers.flatMap(([layer, objects]) =>
  podTemplates(objects).map((pod) => [`${layer}: ${pod.workload}`, pod, objects] as const),
);
const containers = pods.flatMap(([name, pod]) =>
  pod.containers.map((container) => [`${name}, container ${container.name}`, container, pod] as const),
);
const skip = layers.length === 0;

describe.skipIf(skip)('every pod', () => {
  it('is looked at', () => {
    expect(pods.length).toBeGreaterThan(30);
  });

  it.each(pods)('%s is admitted by Pod Security `restricted`', (_name, pod) => {
    expect(restrictedFaults(pod)).toEqual([]);
  });

  it.each(pods)('%s has a ServiceAccount of its own and no token', (_name, pod, objects) => {
    const account = String(pod.spec['serviceAccountName']);
    expect(objects.map(idOf)).toContain(`ServiceAccount/${account}`);
    expect(account).toBe(pod.workload.split('/')[1]);
    expect(pod.spec['automountServiceAccountToken']).toBe(false);
  });

  it.each(pods)('%s is named by a NetworkPolicy of its own, beside the one that denies', (_name, pod, objects) => {
    const policies = objects.filter((object) => object.kind === 'NetworkPolicy');
    expect(policies.map(idOf)).toContain('NetworkPolicy/default-deny');
    const own = policies.filter((policy) => Object.keys(selectorOf(policy)).length > 0 && selects(policy, pod));
    expect(own).toHaveLength(1);
  });

  it.each(pods)('%s is drained one at a time, unless each node has one, or nobody waits', (name, pod, objects) => {
    const budgets = objects.filter((object) => object.kind === 'PodDisruptionBudget' && selects(object, pod));
    const needsOne = !name.startsWith('dev') && !pod.workload.startsWith('DaemonSet');
    expect(budgets.map((budget) => at(budget, 'spec', 'maxUnavailable'))).toEqual(needsOne ? [1] : []);
  });

  it.each(pods)(
    '%s may take as long to start as its probes allow before its rollout has failed',
    (_name, pod, objects) => {
      const deadline = at(pick(objects, pod.workload), 'spec', 'progressDeadlineSeconds') ?? 600;
      for (const { spec } of pod.containers) expect(Number(deadline)).toBeGreaterThan(secondsToStart(spec));
    },
  );

  it.each(pods)('%s does not keep its node from going by what lies on its disk', (_name, pod, objects) => {
    const scratch = listAt(pod.spec, 'volumes').filter((volume) => at(volume, 'emptyDir') !== undefined);
    const onDisk = scratch.filter((volume) => at(volume, 'emptyDir', 'medium') !== 'Memory');
    const annotations = at(pick(objects, pod.workload), 'spec', 'template', 'metadata', 'annotations');
    const isSafe = at(annotations, 'cluster-autoscaler.kubernetes.io/safe-to-evict') === 'true';
    expect(isSafe).toBe(onDisk.length > 0);
  });

  it.each(pods)('%s has more time to end than its preStop hook takes', (_name, pod) => {
    expect(Number(pod.spec['terminationGracePeriodSeconds'])).toBeGreaterThan(15);
  });
});

describe.skipIf(skip)('every container', () => {
  it.each(containers)('%s asks for CPU and memory, and its memory has a limit', (_name, { spec }) => {
    expect(at(spec, 'resources', 'requests', 'cpu')).toBeDefined();
    expect(at(spec, 'resources', 'requests', 'memory')).toBeDefined();
    expect(at(spec, 'resources', 'limits', 'memory')).toBeDefined();
  });

  it.each(containers)('%s is asked whether it is ready, and whether it lives', (_name, { spec }) => {
    expect(spec['readinessProbe']).toBeDefined();
    expect(spec['livenessProbe']).toBeDefined();
  });

  // After the default of one second all pods of a busy pool would be taken out of it, or started again, at once.
  it.each(containers)('%s has some seconds to say so', (_name, { spec }) => {
    expect(at(spec, 'readinessProbe', 'timeoutSeconds')).toBeGreaterThanOrEqual(5);
    expect(at(spec, 'livenessProbe', 'timeoutSeconds')).toBeGreaterThanOrEqual(10);
  });

  it.each(containers)('%s writes to mounts only', (_name, { spec }) => {
    expect(at(spec, 'securityContext', 'readOnlyRootFilesystem')).toBe(true);
  });

  it.each(containers)('%s has an image of one version, or the one of the guide', (name, { image }) => {
    if (name.startsWith('production') || !MOVING_BY_THE_GUIDE.includes(image)) {
      expect(image).toMatch(/:(?:[a-z]+-)?v?\d+\.\d+\.\d+$|@sha256:[0-9a-f]{64}$/);
    }
  });

  it.each(containers)('%s has no secret in its environment but by reference', (_name, { spec }) => {
    for (const variable of listAt(spec, 'env')) {
      const value = at(variable, 'value');
      const isSecret = /(_KEY|_KEYS|_SECRET|PASSWORD|_AUTH|_TOKEN)$/.test(String(at(variable, 'name')));
      if (isSecret) expect(value).toBeUndefined();
    }
  });

  it.each(containers)('%s knows a variable before it is used in another', (_name, container) => {
    const known = new Set<string>();
    for (const variable of listAt(container.spec, 'env')) {
      for (const name of used(at(variable, 'value'))) expect(known).toContain(name);
      known.add(String(at(variable, 'name')));
    }
  });

  it.each(containers)('%s has every volume that it mounts', (_name, container, pod) => {
    const volumes = new Set([...names(pod, 'volumes'), ...claims(pod)]);
    for (const mount of mountsOf(container)) expect(volumes).toContain(mount);
  });
});

/** How long a container may take until it is ready and nobody has given it up. */
function secondsToStart(container: Container['spec']): number {
  const startup = container['startupProbe'];
  const readiness = container['readinessProbe'];
  const started = Number(at(startup, 'periodSeconds') ?? 10) * Number(at(startup, 'failureThreshold') ?? 0);
  return started + Number(at(readiness, 'initialDelaySeconds') ?? 0) + Number(at(readiness, 'periodSeconds') ?? 10);
}

function used(value: unknown): readonly string[] {
  return typeof value === 'string' ? [...value.matchAll(/\$\(([A-Z_0-9]+)\)/g)].map(([, name]) => name ?? '') : [];
}

function names(pod: PodTemplate, key: string): readonly string[] {
  return listAt(pod.spec, key).map((one) => String(at(one, 'name')));
}

/** What a StatefulSet's claims are called; they lie beside its template. */
function claims(pod: PodTemplate): readonly string[] {
  return pod.workload === 'StatefulSet/redis' ? ['data'] : [];
}

function mountsOf({ spec }: Container): readonly string[] {
  return listAt(spec, 'volumeMounts').map((mount) => String(at(mount, 'name')));
}

function selectorOf(object: KubernetesObject): Readonly<Record<string, unknown>> {
  const selector = at(object, 'spec', 'podSelector', 'matchLabels') ?? at(object, 'spec', 'selector', 'matchLabels');
  return (selector ?? {}) as Readonly<Record<string, unknown>>;
}

function selects(object: KubernetesObject, { labels }: PodTemplate): boolean {
  return Object.entries(selectorOf(object)).every(([key, value]) => labels[key] === value);
}

describe.skipIf(skip)('RBAC', () => {
  it.each(layers)('%s binds no workload to a Role: none asks the API server for anything', (_layer, objects) => {
    const kinds = new Set(objects.map(({ kind }) => kind));
    for (const kind of ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']) expect(kinds).not.toContain(kind);
  });

  it.each(layers)('%s holds no Secret: they are made outside the repository', (_layer, objects) => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});

describe.skipIf(skip)('Services and autoscalers', () => {
  it.each(layers)('%s: every Service finds pods, and every port of its a port of theirs', (_layer, objects) => {
    const templates = podTemplates(objects);
    const services = objects.filter(
      (object) => object.kind === 'Service' && idOf(object) !== 'Service/isartor-refused',
    );
    for (const service of services) {
      const selector = Object.entries(at(service, 'spec', 'selector') as Record<string, string>);
      const found = templates.filter(({ labels }) => selector.every(([key, value]) => labels[key] === value));
      expect(found.map(({ workload }) => workload)).toHaveLength(1);
      const ports = found.flatMap((pod) => pod.containers.flatMap(({ spec }) => listAt(spec, 'ports')));
      const named = ports.map((port) => at(port, 'name'));
      for (const port of listAt(service, 'spec', 'ports')) expect(named).toContain(at(port, 'targetPort'));
    }
  });

  // A count in the manifest sets a scaled pool back, or wakes one that sleeps, each time that it is applied.
  it.each([
    ['production', ['isartor-gateway', 'isartor-inference', 'isartor-embedding']],
    ['keda', ['isartor-inference']],
  ] as const)('%s leaves the count of %j to their scalers', (layer, names) => {
    const objects = layers.find(([name]) => name === layer)?.[1] ?? [];
    const scaled = objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject');
    for (const name of names) {
      expect(scaled.map((object) => at(object, 'spec', 'scaleTargetRef', 'name'))).toContain(name);
      expect(at(pick(objects, `Deployment/${name}`), 'spec', 'replicas')).toBeUndefined();
    }
  });

  it.each(layers)('%s: each workload has one scaler at most', (_layer, objects) => {
    const scaled = objects
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject')
      .map((object) => String(at(object, 'spec', 'scaleTargetRef', 'name')));
    expect(scaled).toEqual([...new Set(scaled)]);
    for (const name of scaled) expect(objects.map(idOf)).toContain(`Deployment/${name}`);
  });
});

describe.skipIf(skip)('over a base that runs already', () => {
  const base = layers.find(([name]) => name === 'base')?.[1].map(idOf) ?? [];
  const text = readFileSync(join(INFRA, 'README.md'), 'utf8');
  const told = new Map(
    [...text.matchAll(/^kubectl -n isartor delete (.*?) +# (?:before|after) (\S+)$/gm)].map(
      ([, ids = '', layer = '']) => [layer, ids.split(' ')],
    ),
  );

  // A cluster for `dev` is made anew.
  it.each(layers.filter(([layer]) => layer !== 'dev'))(
    '%s leaves what infra/README.md takes away by hand',
    (layer, objects) => {
      const kept = new Set(objects.map(idOf));
      expect(told.get(layer) ?? []).toEqual(base.filter((id) => !kept.has(id)).toSorted());
    },
  );
});
