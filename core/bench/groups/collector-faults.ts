import { freePort, startServer } from '../child.ts';
import { contest, rowOf, type Contestant, type Shape } from '../contest.ts';
import type { Bench, Group } from '../group.ts';
import { pssMib } from '../process-tree.ts';
import type { Row } from '../row.ts';
import { answeredBy, startCore } from '../subjects/core.ts';

const AT_32: Shape = { name: '32', prompts: 'same', stream: false, connections: 32 };
const HEALTHY = 'a healthy collector';
/** The queue when it is full, and what is encoded and waits for an answer. */
const MOST_MIB = 24;

/** How a collector is out of order. */
const FAULTS: Readonly<Record<string, Collector>> = {
  absent: { mood: 'absent', protocol: 'grpc' },
  stalled: { mood: 'stalls', protocol: 'grpc' },
  'refusing (gRPC UNAVAILABLE)': { mood: 'refuses', protocol: 'grpc' },
  'stalled, by HTTP': { mood: 'stalls', protocol: 'http' },
  'refusing (HTTP 503)': { mood: 'refuses', protocol: 'http' },
};

interface Collector {
  readonly mood: 'takes' | 'absent' | 'stalls' | 'refuses';
  readonly protocol: 'grpc' | 'http';
}

/** An exact hit from memory, every trace of it sent, while the collector is out of order: what it takes, and what is held. */
export const collectorFaults: Group = async (bench) => {
  const rows: Row[] = [];
  // One fault after the other, each against a core as young: memory under load grows with what was asked.
  for (const [name, fault] of Object.entries(FAULTS)) rows.push(...(await withFault(bench, name, fault)));
  return rows;
};

async function withFault(bench: Bench, name: string, fault: Collector): Promise<Row[]> {
  const stops: (() => Promise<void>)[] = [];
  const own: Bench = { ...bench, defer: (stop) => void stops.push(stop) };
  try {
    const ill = await startTraced(own, name, fault);
    return await against(own, ill, await startTraced(own, HEALTHY, { mood: 'takes', protocol: fault.protocol }));
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function startTraced(bench: Bench, name: string, { mood, protocol }: Collector): Promise<Contestant> {
  const core = await startCore(bench.upstreamUrl, {
    ISARTOR__ENABLE_MONITORING: 'true',
    ISARTOR__OTEL_EXPORTER_ENDPOINT: await collectorUrl(bench, mood, protocol),
    ISARTOR__OTEL_EXPORTER_PROTOCOL: protocol,
    ISARTOR__OTEL_SAMPLE_RATIO: '1',
    ISARTOR__OTEL_TRACES_PER_SECOND: '1000000',
  });
  bench.defer(() => core.stop());
  await bench.load.run({ ...core, ...AT_32, seconds: 0.1, expect: undefined });
  return { ...answeredBy(core, 'l1a'), name };
}

async function collectorUrl(bench: Bench, mood: Collector['mood'], protocol: Collector['protocol']): Promise<string> {
  if (mood === 'absent') return `http://127.0.0.1:${await freePort()}`;
  const env = { COLLECTOR_MOOD: mood, COLLECTOR_PROTOCOL: protocol };
  const sink = await startServer('collector', 'otlp-sink.ts', env);
  bench.defer(() => sink.stop());
  return sink.url;
}

async function against(bench: Bench, ill: Contestant, healthy: Contestant): Promise<Row[]> {
  const measured = await contest(bench.load, [ill, healthy], [AT_32], bench.plan);
  const [ours, theirs] = [pssMib(ill.pid), pssMib(healthy.pid)];
  return [
    rowOf(measured, ill.name, HEALTHY, {
      id: `collector-faults/${ill.name}`,
      what: `core hit, all traces sent, collector ${ill.name}: p50`,
      shape: AT_32.name,
      unit: 'ms',
      better: 'less',
      figure: ({ p50Ms }) => p50Ms,
      aim: { of: 'cpu', atMost: 1.15 },
    }),
    rowOf(measured, ill.name, HEALTHY, {
      id: `collector-faults/${ill.name}/p99`,
      what: 'the same: p99',
      shape: AT_32.name,
      unit: 'ms',
      better: 'less',
      figure: ({ p99Ms }) => p99Ms,
      cpu: false,
      aim: { of: 'ratio', atMost: 1.5 },
    }),
    {
      id: `collector-faults/${ill.name}/memory`,
      what: 'the same: memory (PSS) after it',
      against: HEALTHY,
      unit: 'MiB',
      ours,
      theirs,
      ratio: ours / theirs,
      better: 'less',
      aim: { of: 'difference', atMost: MOST_MIB },
    },
  ];
}
