import { describe, expect, it } from 'vitest';
import { renderChart } from './support/chart.ts';
import { pick } from './support/kubernetes-object.ts';
import { at, podTemplates } from './support/pods.ts';
import { cannotRender, isMissing, render } from './support/render.ts';
import { routeOf } from './support/routes.ts';

const OPEN = [
  '/v1/chat/completions',
  '/v1beta/models',
  '/api/chat',
  '/api/v1/chat',
  '/api/v1/feedback',
  '/api/v1/explain',
  '/api/v1/cached',
  '/healthz',
];
const ADMINISTRATION = [
  '/api/v1/cache',
  '/api/v1/cache/',
  '/api/v1/cache/off',
  '/api/v1/cache/report',
  '/api/v1/cache/0123abcd',
];

const LAYERS = [
  ['base', 'ingress', 'isartor-refused'],
  ['production', 'ingress', 'isartor-refused'],
  ['gateway-api', 'gatewayApi', 'isartor-refused'],
  ['istio', 'istio', '404'],
] as const;

const noChart = isMissing('the chart', 'helm');

describe('from outside', () => {
  it.skipIf(cannotRender()).each(LAYERS)(
    '%s leads to the gateway, and nobody to the administration',
    (layer, _, to) => {
      const objects = render(layer);
      expect(OPEN.map((path) => routeOf(objects, path))).toEqual(OPEN.map(() => 'isartor-gateway'));
      expect(ADMINISTRATION.map((path) => routeOf(objects, path))).toEqual(ADMINISTRATION.map(() => to));
    },
  );

  it.skipIf(noChart).each(LAYERS)('as %s does, the chart as %s', (_layer, exposure, to) => {
    const objects = renderChart(undefined, '--set', `exposure=${exposure}`);
    expect(OPEN.map((path) => routeOf(objects, path))).toEqual(OPEN.map(() => 'isartor-gateway'));
    expect(ADMINISTRATION.map((path) => routeOf(objects, path))).toEqual(ADMINISTRATION.map(() => to));
  });

  it.skipIf(cannotRender())('what is refused is sent where there is nobody', () => {
    const objects = render('base');
    const app = at(pick(objects, 'Service/isartor-refused'), 'spec', 'selector', 'app');
    expect(app).toBeDefined();
    expect(podTemplates(objects).map(({ labels }) => labels['app'])).not.toContain(app);
  });
});
