import { readdirSync, readFileSync } from 'node:fs';

// Linux only: /proc says what a process used, whoever else is busy on the machine.

/** Clock ticks a second in /proc (USER_HZ, 100 on every Linux that Node runs on). */
const TICKS_PER_SEC = 100;
/** Fields of /proc/<pid>/stat, counted from the one after the name in parentheses (proc(5): fields 3, 4, 14, 15). */
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** User and system time that a process and its living descendants have used, in ms, in steps of 10 ms. */
export function cpuMs(pid: number): number {
  return sum(pid, (each) => {
    const stat = readStat(each);
    return ((Number(stat[USER_TICKS]) + Number(stat[SYSTEM_TICKS])) * 1000) / TICKS_PER_SEC;
  });
}

/** Proportional set size of a process and its descendants, in MiB: shared pages count by their share. */
export function pssMib(pid: number): number {
  return mapped(pid, /^Pss:\s+(\d+) kB/m);
}

/** The part of it that no file stands behind, which the kernel cannot take back: what a container is killed for. */
export function anonymousMib(pid: number): number {
  return mapped(pid, /^Pss_Anon:\s+(\d+) kB/m);
}

function mapped(pid: number, field: RegExp): number {
  return sum(pid, (each) => {
    const text = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
    return Number(field.exec(text)?.[1] ?? 0) / 1024;
  });
}

function sum(root: number, figure: (pid: number) => number): number {
  let total = 0;
  for (const pid of treeOf(root)) total += unlessGone(() => figure(pid)) ?? 0;
  return total;
}

function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = unlessGone(() => Number(readStat(Number(name))[PARENT]));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === root) return true;
    }
    return false;
  };
  return [...parents.keys()].filter(isBelow);
}

function readStat(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(') ') + 2).split(' ');
}

/** A process may end between being listed and being read. */
function unlessGone<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
