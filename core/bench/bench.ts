// `npm run bench`: what Isartor costs, beside what the least that could do the same costs, measured in one run.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { startServer } from './child.ts';
import type { Plan } from './contest.ts';
import type { Bench } from './group.ts';
import { GROUPS } from './groups/groups.ts';
import { startLoadGenerator } from './load.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { losses, updateReference } from './reference.ts';
import type { Row } from './row.ts';
import { renderTable } from './table.ts';

const FULL: Plan = { rounds: 5, seconds: 2, warmUpSeconds: 3 };
const SHORT: Plan = { rounds: 3, seconds: 1.5, warmUpSeconds: 1.5 };
const TRIES = 3;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Measured {
  readonly rows: Row[];
  readonly skipped: string[];
  /** The group of each row, by the row's id. */
  readonly groupOf: ReadonlyMap<string, string>;
}

async function measure(names: readonly string[], plan: Plan): Promise<Measured> {
  const rows: Row[] = [];
  const groupOf = new Map<string, string>();
  const skipped: string[] = [];
  const load = await startLoadGenerator();
  const upstream = await startServer('fake upstream', 'fake-upstream.ts');
  try {
    for (const name of names) {
      say(`bench: ${name}`);
      const stops: (() => Promise<void>)[] = [];
      const bench: Bench = {
        load,
        plan,
        upstreamUrl: upstream.url,
        upstreamPid: upstream.pid,
        skip: (line) => void skipped.push(line),
        defer: (stop) => void stops.push(stop),
      };
      try {
        const made = (await GROUPS[name]?.(bench)) ?? [];
        rows.push(...made);
        for (const { id } of made) groupOf.set(id, name);
      } finally {
        for (const stop of stops.toReversed()) await stop();
      }
    }
  } finally {
    await upstream.stop();
    await load.stop();
  }
  return { rows, skipped: [...new Set(skipped)], groupOf };
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? 'CPU'}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`;
}

/** A loss counts when three tries in a row show it: a shared machine has bad minutes. */
async function check(plan: Plan, { rows, groupOf }: Measured): Promise<boolean> {
  let lost = losses(rows);
  for (let attempt = 2; lost.size > 0 && attempt <= TRIES; attempt += 1) {
    say(`bench: worse than the committed ratios, try ${attempt} of ${TRIES}\n  ${[...lost.values()].join('\n  ')}`);
    const groups = [...lost.keys()].flatMap((id) => groupOf.get(id) ?? []);
    const again = losses((await measure([...new Set(groups)], plan)).rows);
    lost = new Map([...again].filter(([id]) => lost.has(id)));
  }
  for (const line of lost.values()) say(`bench: lost more than 25 %: ${line}`);
  return lost.size === 0;
}

async function main(options: Options): Promise<void> {
  const unknown = [...(options.only ?? [])].filter((name) => GROUPS[name] === undefined);
  if (unknown.length > 0) {
    throw new TypeError(`no such group: ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
  }
  const names = Object.keys(GROUPS).filter((name) => options.only?.has(name) ?? true);
  const plan = options.short ? SHORT : FULL;
  const before = machine();
  const measured = await measure(names, plan);
  const { rows, skipped } = measured;
  process.stdout.write(`${renderTable(rows)}\n${before}; afterwards load ${loadavg()[0]?.toFixed(1)}\n`);
  for (const line of skipped) process.stdout.write(`left out: ${line}\n`);
  if (options.json !== undefined) {
    const report = { at: new Date().toISOString(), machine: before, plan, rows, skipped };
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (options.update) updateReference(rows);
  if (options.check && !(await check(plan, measured))) process.exitCode = 1;
}

if (process.platform !== 'linux') {
  say('bench: CPU time and memory are read from /proc, so the bench runs on Linux only');
  process.exit(1);
}
try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  say(
    error instanceof TypeError
      ? `${error.message}\n${USAGE}`
      : `bench: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
}
