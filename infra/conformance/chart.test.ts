import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SETTING_ROWS } from '../../core/src/config/config.schema.ts';
import { envNames } from '../../core/src/config/setting.ts';
import { CHART, HELM, normalised, renderChart } from './support/chart.ts';
import { idOf, isMapping, pick, type KubernetesObject } from './support/kubernetes-object.ts';
import { at, listAt, podTemplates } from './support/pods.ts';
import { cannotRender, findTool, INFRA, isMissing, OVERLAYS, render } from './support/render.ts';

const skip = isMissing('the chart', HELM) || cannotRender();

function byId(objects: readonly KubernetesObject[]): Record<string, unknown> {
  return Object.fromEntries(objects.map((object) => [idOf(object), normalised(object)]));
}

/** Kustomize's objects without the numbers of pods that an autoscaler makes another of: the chart never says them. */
function withoutScaledReplicas(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const scaled = new Set(objects.map((object) => at(object, 'spec', 'scaleTargetRef', 'name')));
  return objects.map((object) => {
    if (object.kind !== 'Deployment' || !isMapping(object['spec']) || !scaled.has(object.metadata.name)) return object;
    const { replicas: _replicas, ...spec } = object['spec'];
    return { ...object, spec };
  });
}

/** Of each Deployment, how many pods it is said to have. */
function replicas(objects: readonly KubernetesObject[]): Record<string, unknown> {
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  return Object.fromEntries(deployments.map((object) => [idOf(object), at(object, 'spec', 'replicas')]));
}

describe.skipIf(skip)('the chart says what Kustomize says', () => {
  it.each(['base', ...OVERLAYS] as const)('%s', (layer) => {
    expect(byId(renderChart(`ci/${layer}.yaml`))).toEqual(byId(withoutScaledReplicas(render(layer))));
  });

  it('without a word of values, but for the namespace, which Helm is told with -n', () => {
    const { 'Namespace/isartor': _namespace, ...base } = byId(withoutScaledReplicas(render('base')));
    expect(byId(renderChart())).toEqual(base);
  });

  it('and has as many pods where no autoscaler decides', () => {
    const off = 'gateway.autoscaling.enabled=false,inference.autoscaling.mode=none,embedding.autoscaling.enabled=false';
    expect(replicas(renderChart(undefined, '--set', off))).toEqual(replicas(render('base')));
  });
});

/** Between documents, Helm 3 and 4 leave different numbers of them. */
function withoutBlankLines(file: string): string {
  return readFileSync(file, 'utf8').replace(/\n+/g, '\n');
}

describe.skipIf(skip)("the examples' manifests in the repository", () => {
  const examples = readdirSync(join(CHART, 'examples'));

  it.each(examples)('%s is what the chart renders (infra/tools/render-examples.sh)', (example) => {
    const folder = mkdtempSync(join(tmpdir(), 'isartor-examples-'));
    try {
      execFileSync('bash', [join(INFRA, 'tools', 'render-examples.sh'), folder], {
        env: { ...process.env, HELM: findTool(HELM) },
        timeout: 60_000,
      });
      const committed = join(CHART, 'examples', example, 'rendered', 'manifests.yaml');
      expect(withoutBlankLines(join(folder, `${example}.yaml`))).toBe(withoutBlankLines(committed));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe.skipIf(skip)("the core's settings in the values", () => {
  const rows = SETTING_ROWS.flatMap(([, row]) => envNames(row).map((name) => [name, row.secret] as const));
  // An address may hold a password and need not.
  const mayBePlain = (name: string): boolean => name.endsWith('REDIS_URL');
  const secrets = rows.filter(([name, isSecret]) => isSecret && !mayBePlain(name)).map(([name]) => name);
  const plain = rows.filter(([name, isSecret]) => !isSecret || mayBePlain(name)).map(([name]) => name);

  it.each(secrets)('%s is refused: it would stay in the history of the release', (name) => {
    expect(() => renderChart(undefined, '--set', `gateway.settings.${name}=x`)).toThrow(name);
  });

  it('all others are taken, each once', () => {
    const checked: Record<string, string> = { ISARTOR__HOST_PORT: '[::]:8080', ISARTOR__METRICS_PORT: '9464' };
    const values = plain.flatMap((name) => ['--set-string', `gateway.settings.${name}=${checked[name] ?? '1'}`]);
    const [pod] = podTemplates([pick(renderChart(undefined, ...values), 'Deployment/isartor-gateway')]);
    const names = listAt(pod?.containers[0]?.spec, 'env').map((variable) => String(at(variable, 'name')));
    expect(names).toEqual([...new Set(names)]);
    expect(plain.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe.skipIf(skip)('values that the chart refuses', () => {
  it.each([
    ['an unknown key', 'gatewy.replicas=1', /gatewy/],
    ['an unknown key deep inside', 'redis.maxmemoryy=1gb', /maxmemoryy/],
    ['a wrong type', 'gateway.replicas=two', /replicas/],
    ['no replicas of an autoscaled gateway', 'gateway.autoscaling.minReplicas=0', /minReplicas/],
    ['both ways of scaling', 'inference.autoscaling.mode=both', /mode/],
    ['a backend that there is none of', 'inference.backend=triton', /backend/],
    ['an exposure that there is none of', 'exposure=loadbalancer', /exposure/],
    ['a setting that is none of the core', 'gateway.settings.CACHE_MODE=off', /CACHE_MODE/],
    ['an image by latest', 'gateway.image.tag=latest', /tag/],
    ['a host that is none', 'host=https://api.isartor.example.com', /host/],
    ['a port out of range', 'redis.external.port=70000', /port/],
    [
      'more pods of the gateway at least than at most',
      'gateway.autoscaling.minReplicas=21',
      /gateway\.autoscaling\.minReplicas \(21\) is more than maxReplicas \(20\)/,
    ],
    [
      'more pods of the pool at least than at most',
      'inference.autoscaling.maxReplicas=1,inference.autoscaling.minReplicas=2',
      /inference\.autoscaling\.minReplicas/,
    ],
    ['the same of the embedding pool', 'embedding.autoscaling.minReplicas=9', /embedding\.autoscaling\.minReplicas/],
    ['a port that no Service leads to', 'gateway.settings.ISARTOR__HOST_PORT=0.0.0.0:9090', /ISARTOR__HOST_PORT.*8080/],
    ['a port that nobody scrapes', 'gateway.settings.ISARTOR__METRICS_PORT=9999', /ISARTOR__METRICS_PORT.*9464/],
    [
      'longer requests than the pod lives on',
      'gateway.settings.ISARTOR__SHUTDOWN_GRACE_SECS=1800',
      /terminationGracePeriodSeconds \(930\) is less than .*1815/,
    ],
    ['a heap that the container has no memory for', 'gateway.heapMiB=256', /heapMiB \(256Mi\) does not fit .*256Mi/],
    ['a Redis that fills more than its container', 'redis.maxmemory=1gb', /maxmemory \(1gb\) does not fit .*1Gi/],
    ['a pod that ends too soon', 'gateway.terminationGracePeriodSeconds=600', /terminationGracePeriodSeconds/],
  ])('%s', (_name, value, message) => {
    expect(() => renderChart(undefined, '--set', value)).toThrow(message);
  });

  it.each([
    'gateway.settings.ISARTOR__SHUTDOWN_GRACE_SECS=null,gateway.terminationGracePeriodSeconds=60',
    'gateway.settings.ISARTOR__HOST_PORT=null,gateway.settings.ISARTOR__METRICS_PORT=null',
    'gateway.settings.ISARTOR__HOST_PORT=[::]:8080',
    'gateway.autoscaling.enabled=false,gateway.autoscaling.minReplicas=21',
    'redis.maxmemory=1gb,redis.resources.limits.memory=1.5Gi',
    'redis.maxmemory=900mb,redis.resources.limits.memory=1G',
    'redis.maxmemory=1gb,redis.resources.limits.memory=2147483648',
    'redis.maxmemory=1gb,redis.enabled=false',
    'inference.autoscaling.mode=keda,inference.autoscaling.minReplicas=9',
  ])('but not %s', (values) => {
    expect(renderChart(undefined, '--set', values).length).toBeGreaterThan(20);
  });
});
