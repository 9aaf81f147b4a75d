import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { grafanaJson } from '../grafana/src/dashboard.ts';
import { DASHBOARDS } from '../grafana/src/dashboards.ts';
import { parseYaml } from './support/kubernetes-object.ts';
import { at, listAt } from './support/pods.ts';
import { INFRA } from './support/render.ts';

const FOLDER = join(INFRA, 'grafana');
const rules = listAt(parseYaml(readFileSync(join(FOLDER, 'rules', 'isartor.rules.yaml'), 'utf8'))[0], 'groups').flatMap(
  (group) => listAt(group, 'rules'),
);
const recorded = rules.map((rule) => at(rule, 'record')).filter((name) => name !== undefined);
const alerts = rules.filter((rule) => at(rule, 'alert') !== undefined);

/** What of a chart is looked at. */
interface PlacedPanel {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly legendFormat: string }[];
}

describe('the dashboards', () => {
  it('are those that the table gives', () => {
    const files = readdirSync(join(FOLDER, 'dashboards'));
    expect(files.toSorted()).toEqual(DASHBOARDS.map(({ id }) => `${id}.json`).toSorted());
    for (const dashboard of DASHBOARDS) {
      expect(readFileSync(join(FOLDER, 'dashboards', `${dashboard.id}.json`), 'utf8')).toBe(grafanaJson(dashboard));
    }
  });

  it('have a chart for each scaling knob of the guide', () => {
    const scaling = DASHBOARDS.find(({ id }) => id === 'scaling');
    expect(scaling?.panels.map(({ title }) => title)).toEqual([
      'Replicas',
      'CPU of the gateway',
      'Requests by the layer that answered',
      'Duration of requests',
      'GPU utilisation',
      'Queue of the inference pool',
      'Hit rate of the exact cache',
      'Memory of the gateway',
      'Redis keys',
      'Redis memory',
      'Redis evictions',
    ]);
  });

  it.each(DASHBOARDS.map((dashboard) => [dashboard.id, dashboard] as const))(
    '%s has each chart in a place of its own, with queries of names that tell them apart',
    (_, dashboard) => {
      const { panels } = JSON.parse(grafanaJson(dashboard)) as { panels: PlacedPanel[] };
      const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_unused, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
      );
      expect(new Set(places).size).toBe(places.length);
      expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const { targets } of panels) {
        expect(targets.length).toBeGreaterThan(0);
        expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
        expect(new Set(targets.map(({ legendFormat }) => legendFormat)).size).toBe(targets.length);
      }
    },
  );

  it('use no recorded figure that there is no rule for', () => {
    const used = DASHBOARDS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(([expr]) => expr)));
    const names = used.flatMap((expr) => expr.match(/isartor:[a-z_:0-9]+/g) ?? []);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !recorded.includes(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  it.each(alerts.map((rule) => [String(at(rule, 'alert')), rule] as const))(
    '%s says what it means and what to do',
    (_, rule) => {
      expect(String(at(rule, 'annotations', 'summary'))).toMatch(/\.$/);
      expect(String(at(rule, 'annotations', 'runbook')).length).toBeGreaterThan(60);
      expect(['critical', 'warning']).toContain(at(rule, 'labels', 'severity'));
    },
  );

  it('are all shown to fire and to clear', () => {
    const [tests] = parseYaml(readFileSync(join(FOLDER, 'rules', 'isartor.rules.test.yaml'), 'utf8'));
    const named = listAt(tests, 'tests').map((test) => at(test, 'name'));
    expect(named.toSorted()).toEqual([...alerts.map((rule) => at(rule, 'alert')), 'quiet'].toSorted());
  });
});
