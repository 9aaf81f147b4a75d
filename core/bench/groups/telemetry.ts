import { contest, rowOf, type Shape } from '../contest.ts';
import { startServer } from '../child.ts';
import type { Group } from '../group.ts';
import { answeredBy, startCore } from '../subjects/core.ts';

const AT_32: Shape = { name: '32', prompts: 'same', stream: false, connections: 32 };
const OFF = 'without';

/** An exact hit from memory with its telemetry sent to a collector, a tenth of the traces as by default, against the same core without. */
export const telemetry: Group = async (bench) => {
  const sink = await startServer('collector', 'otlp-sink.ts', {});
  bench.defer(() => sink.stop());
  const on = await startCore(bench.upstreamUrl, {
    ISARTOR__ENABLE_MONITORING: 'true',
    ISARTOR__OTEL_EXPORTER_ENDPOINT: sink.url,
  });
  bench.defer(() => on.stop());
  const off = await startCore(bench.upstreamUrl);
  bench.defer(() => off.stop());
  for (const core of [on, off]) await bench.load.run({ ...core, ...AT_32, seconds: 0.1, expect: undefined });
  const ours = { ...answeredBy(on, 'l1a'), name: 'with' };
  const theirs = { ...answeredBy(off, 'l1a'), name: OFF };
  const measured = await contest(bench.load, [ours, theirs], [AT_32], bench.plan);
  return [
    rowOf(measured, ours.name, OFF, {
      id: 'telemetry/throughput',
      what: 'core hit with telemetry sent, 32 at once',
      shape: '32',
      unit: 'requests/s',
      better: 'more',
      figure: ({ perSecond }) => perSecond,
      aim: { of: 'ratio', atLeast: 0.85 },
      checked: 'ratio',
    }),
  ];
};
