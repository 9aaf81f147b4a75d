import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterRules, promQl, type AdapterRule } from './support/adapter-rules.ts';
import { pick } from './support/kubernetes-object.ts';
import { at, listAt } from './support/pods.ts';
import { cannotRender, isMissing, render, runTool } from './support/render.ts';

/** One pod's series after ten minutes, and what the metric must then be. */
interface Sample {
  readonly series: string;
  /** In promtool's notation, a value each 15 seconds. */
  readonly values: string;
  readonly expected: number;
}

const GATEWAY = 'namespace="isartor",job="isartor-gateway-metrics"';
const SAMPLES: readonly (readonly [string, readonly Sample[]])[] = [
  [
    'isartor_requests_per_second',
    [
      { series: `isartor_requests_total{${GATEWAY},pod="a",layer="l1a"}`, values: '0+150x40', expected: 15 },
      // The same pod answers from two layers: both count.
      { series: `isartor_requests_total{${GATEWAY},pod="a",layer="l3"}`, values: '0+75x40', expected: 15 },
    ],
  ],
  [
    'isartor_l2_pending_requests',
    [{ series: `isartor_l2_pending_requests{${GATEWAY},pod="a"}`, values: '7x40', expected: 7 }],
  ],
  [
    'gpu_utilization',
    [
      { series: 'DCGM_FI_DEV_GPU_UTIL{namespace="isartor",pod="a",gpu="0"}', values: '90x40', expected: 80 },
      { series: 'DCGM_FI_DEV_GPU_UTIL{namespace="isartor",pod="a",gpu="1"}', values: '70x40', expected: 80 },
    ],
  ],
  [
    'inference_queue_depth',
    [{ series: 'vllm:num_requests_waiting{namespace="isartor",pod="a"}', values: '5x40', expected: 5 }],
  ],
  ['inference_queue_depth', [{ series: 'tgi_queue_size{namespace="isartor",pod="a"}', values: '6x40', expected: 6 }]],
  [
    'inference_queue_depth',
    [{ series: 'llamacpp:requests_deferred{namespace="isartor",pod="a"}', values: '4x40', expected: 4 }],
  ],
  [
    'embedding_requests_per_second',
    [{ series: 'te_request_count{namespace="isartor",pod="a",method="single"}', values: '0+300x40', expected: 20 }],
  ],
];

/** What Prometheus itself makes of an expression; throws with its words when the value is another one. */
function evaluate(expression: string, samples: readonly Pick<Sample, 'series' | 'values'>[], expected: unknown): void {
  const folder = mkdtempSync(join(tmpdir(), 'isartor-promql-'));
  try {
    const file = join(folder, 'test.yaml');
    const test = {
      evaluation_interval: '15s',
      tests: [
        {
          interval: '15s',
          input_series: samples.map(({ series, values }) => ({ series, values })),
          promql_expr_test: [{ expr: expression, eval_time: '10m', exp_samples: expected }],
        },
      ],
    };
    writeFileSync(file, JSON.stringify(test));
    runTool('promtool', ['test', 'rules', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const noPrometheus = isMissing('the metrics of the autoscalers', 'promtool');

describe.skipIf(noPrometheus)("the Prometheus Adapter's rules", () => {
  const rules = adapterRules();
  const ruleFor = (metric: string, [sample]: readonly Sample[]): AdapterRule | undefined =>
    rules.find((rule) => rule.metric === metric && sample?.series.startsWith(rule.seriesQuery.replace(/\{.*$/, '{')));

  it('are all tried here', () => {
    expect(SAMPLES.map(([metric, samples]) => ruleFor(metric, samples))).toEqual(rules);
  });

  it.each(SAMPLES)('%s has the value that the series say', (metric, samples) => {
    const rule = ruleFor(metric, samples);
    if (rule === undefined) throw new Error(`no rule yields ${metric}`);
    evaluate(promQl(rule, 'a|b'), samples, [{ labels: '{pod="a"}', value: samples[0]?.expected }]);
  });

  it('would be found wrong by another value', () => {
    const [[metric, samples] = ['', []]] = SAMPLES;
    const rule = ruleFor(metric, samples);
    if (rule === undefined) throw new Error(`no rule yields ${metric}`);
    expect(() => evaluate(promQl(rule, 'a|b'), samples, [{ labels: '{pod="a"}', value: 16 }])).toThrow(/got/);
  });
});

describe.skipIf(cannotRender())('every metric that an autoscaler names', () => {
  it('is yielded by a rule of the Prometheus Adapter', () => {
    const named = render('base')
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .flatMap((object) => listAt(object, 'spec', 'metrics'))
      .map((metric) => at(metric, 'pods', 'metric', 'name'))
      .filter((name) => name !== undefined);
    expect(named).toHaveLength(4);
    const yielded = adapterRules().map(({ metric }) => metric);
    for (const name of named) expect(yielded).toContain(name);
  });

  it.skipIf(noPrometheus)('KEDA asks for what waits in all gateways together, from 0 to 8 pods', () => {
    const scaled = pick(render('keda'), 'ScaledObject/isartor-inference');
    expect(at(scaled, 'spec')).toMatchObject({ minReplicaCount: 0, maxReplicaCount: 8 });
    const [trigger] = listAt(scaled, 'spec', 'triggers');
    const series = ['a', 'b'].map((pod) => ({
      series: `isartor_l2_pending_requests{${GATEWAY},pod="${pod}"}`,
      values: '3x40',
    }));
    evaluate(String(at(trigger, 'metadata', 'query')), series, [{ labels: '{}', value: 6 }]);
  });
});

describe.skipIf(cannotRender())('a pool is scaled by what its pods measure', () => {
  // An autoscaler whose metric is missing never scales down.
  it.each([
    ['base', true],
    ['tgi', true],
    ['llamacpp', false],
  ] as const)('%s: by the use of a GPU: %s', (layer, hasGpu) => {
    const scalers = render(layer).filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    const inference = scalers.filter((one) => JSON.stringify(one).includes('"isartor-inference"'));
    expect(inference).toHaveLength(1);
    expect(JSON.stringify(inference).includes('gpu_utilization')).toBe(hasGpu);
    expect(JSON.stringify(inference)).toContain('inference_queue_depth');
  });
});
