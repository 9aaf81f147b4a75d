import { readFileSync } from 'node:fs';

/** A container that runs as a process of this machine. */
export interface RunningContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly name: string;
  readonly pid: number;
}

/** Clock ticks a second, as Linux counts a process's time for all programs. */
const TICKS = 100;

/**
 * What a kubelet tells at `/metrics/resource` of its node and containers, as metrics-server reads it: seconds of CPU and
 * bytes of memory, out of `/proc`.
 */
export function resourceMetrics(containers: readonly RunningContainer[]): string {
  const now = Date.now();
  const usages = containers.flatMap((container) => usageOf(container) ?? []);
  const total = (of: (usage: Usage) => number): number => usages.reduce((sum, usage) => sum + of(usage), 0);
  return [
    `node_cpu_usage_seconds_total ${total(({ cpu }) => cpu)} ${now}`,
    `node_memory_working_set_bytes ${total(({ memory }) => memory)} ${now}`,
    ...usages.flatMap(({ labels, cpu, memory, started }) => [
      `container_cpu_usage_seconds_total{${labels}} ${cpu} ${now}`,
      `container_memory_working_set_bytes{${labels}} ${memory} ${now}`,
      `container_start_time_seconds{${labels}} ${started}`,
    ]),
    '',
  ].join('\n');
}

interface Usage {
  readonly labels: string;
  readonly cpu: number;
  readonly memory: number;
  readonly started: number;
}

/** Undefined for a process that has just ended. */
function usageOf({ namespace, pod, name, pid }: RunningContainer): Usage | undefined {
  try {
    // After the name, which may hold anything: the state is field 3.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const field = (number: number): number => Number(fields[number - 3]);
    const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    const booted = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    return {
      labels: `container="${name}",namespace="${namespace}",pod="${pod}"`,
      cpu: (field(14) + field(15)) / TICKS,
      memory: Number(resident) * 4_096,
      started: booted + field(22) / TICKS,
    };
  } catch {
    return undefined;
  }
}
