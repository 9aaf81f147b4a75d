import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isMapping, parseYaml, pick } from './support/kubernetes-object.ts';
import { at, listAt } from './support/pods.ts';
import { cannotRender, INFRA, render } from './support/render.ts';

const FOLDER = join(INFRA, 'otel');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

describe('the configurations of the collector', () => {
  it('are there for every backend that the guide names', () => {
    expect(files.toSorted()).toEqual([
      'aws.yaml',
      'azure-monitor.yaml',
      'daemonset.yaml',
      'datadog.yaml',
      'gcp.yaml',
      'grafana-cloud.yaml',
      'new-relic.yaml',
    ]);
  });

  it.each(files)('%s has both pipelines, memory bounded first, then batches, and parts that are configured', (name) => {
    const [config] = parseYaml(read(name));
    const pipelines = at(config, 'service', 'pipelines');
    expect(isMapping(pipelines) && Object.keys(pipelines)).toEqual(['traces', 'metrics']);
    for (const pipeline of isMapping(pipelines) ? Object.values(pipelines) : []) {
      expect(listAt(pipeline, 'processors')).toEqual(['memory_limiter', 'batch']);
      for (const part of ['receivers', 'exporters']) {
        for (const used of listAt(pipeline, part)) expect(at(config, part, String(used))).toBeDefined();
      }
    }
  });

  it.each(files)('%s holds no key: they come from the environment', (name) => {
    const lines = read(name).split('\n');
    const secrets = lines.filter((line) => /^\s+(key|api-key|authorization|connection_string):/.test(line));
    for (const line of secrets) expect(line).toMatch(/: \$\{env:[A-Z_]+\}$/);
    expect(secrets.length).toBe(['daemonset.yaml', 'aws.yaml', 'gcp.yaml'].includes(name) ? 0 : 1);
  });

  it.skipIf(cannotRender())("the DaemonSet's own is what the ConfigMap holds", () => {
    const text = at(pick(render('base'), 'ConfigMap/otel-collector-config'), 'data', 'config.yaml');
    expect(parseYaml(String(text))[0]).toEqual(parseYaml(read('daemonset.yaml'))[0]);
  });
});
