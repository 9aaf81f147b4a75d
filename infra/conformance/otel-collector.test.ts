import { describe, expect, it } from 'vitest';
import { isMapping, parseYaml, pick } from './support/kubernetes-object.ts';
import { at, listAt, podTemplates } from './support/pods.ts';
import { cannotRender, render } from './support/render.ts';

describe.skipIf(cannotRender())("the collector's configuration", () => {
  const base = cannotRender() ? [] : render('base');
  const config = (): unknown => {
    const text = at(pick(base, 'ConfigMap/otel-collector-config'), 'data', 'config.yaml');
    return parseYaml(String(text))[0];
  };
  const pipelines = (): readonly (readonly [string, unknown])[] => {
    const found = at(config(), 'service', 'pipelines');
    return isMapping(found) ? Object.entries(found) : [];
  };

  it('has a pipeline for what the gateway sends, each of parts that are configured', () => {
    expect(pipelines().map(([name]) => name)).toEqual(['traces', 'metrics']);
    for (const [, pipeline] of pipelines()) {
      for (const part of ['receivers', 'processors', 'exporters']) {
        expect(listAt(pipeline, part).length).toBeGreaterThan(0);
        for (const name of listAt(pipeline, part)) expect(at(config(), part, String(name))).toBeDefined();
      }
    }
  });

  it('bounds its memory before anything else', () => {
    for (const [, pipeline] of pipelines()) expect(listAt(pipeline, 'processors')[0]).toBe('memory_limiter');
  });

  it('listens where the container, the Service and the gateway say', () => {
    const [pod] = podTemplates([pick(base, 'DaemonSet/otel-collector')]);
    const ports = listAt(pod?.containers[0]?.spec, 'ports').map((port) => at(port, 'containerPort'));
    const endpoints = [
      at(config(), 'receivers', 'otlp', 'protocols', 'grpc', 'endpoint'),
      at(config(), 'exporters', 'prometheus', 'endpoint'),
      at(config(), 'extensions', 'health_check', 'endpoint'),
    ];
    expect(endpoints).toEqual(ports.map((port) => `0.0.0.0:${String(port)}`));
    expect(listAt(pick(base, 'Service/otel-collector'), 'spec', 'ports').map((port) => at(port, 'port'))).toContain(
      4317,
    );
  });
});
