// `npm run bench`: what Isartor costs, beside what the least that could do the same costs, measured in one run.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { startServer } from './child.ts';
import type { Plan } from './contest.ts';
import type { Bench } from './group.ts';
import { CHECKED, GROUPS, USUAL } from './groups/groups.ts';
import { startLoadGenerator } from './load.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { losses, updateReference } from './reference.ts';
import type { Row } from './row.ts';
import { renderTable } from './table.ts';

// The more code a request passes, the longer until it is compiled: seconds, and a gateway runs for weeks.
const FULL: Plan = { rounds: 5, seconds: 2, warmUpSeconds: 6, entries: 50_000 };
const SHORT: Plan = { rounds: 3, seconds: 1.5, warmUpSeconds: 4, entries: 2_500 };
const TRIES = 3;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Measured {
  readonly rows: Row[];
  readonly skipped: string[];
  /** The group of each row, by the row's id. */
  readonly groupOf: ReadonlyMap<string, string>;
  /** Groups that could not be measured, and why. */
  readonly failed: ReadonlyMap<string, string>;
}

async function measure(names: readonly string[], plan: Plan, peers: boolean): Promise<Measured> {
  const rows: Row[] = [];
  const groupOf = new Map<string, string>();
  const skipped: string[] = [];
  const failed = new Map<string, string>();
  const load = await startLoadGenerator();
  const upstream = await startServer('fake upstream', 'fake-upstream.ts');
  try {
    for (const name of names) {
      say(`bench: ${name}`);
      const stops: (() => Promise<void>)[] = [];
      const bench: Bench = {
        load,
        plan,
        peers,
        upstreamUrl: upstream.url,
        upstreamPid: upstream.pid,
        skip: (line) => void skipped.push(line),
        defer: (stop) => void stops.push(stop),
      };
      try {
        const made = (await GROUPS[name]?.(bench)) ?? [];
        rows.push(...made);
        for (const { id } of made) groupOf.set(id, name);
      } catch (error) {
        failed.set(name, `${name}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        for (const stop of stops.toReversed()) await stop();
      }
    }
  } finally {
    await upstream.stop();
    await load.stop();
  }
  return { rows, skipped: [...new Set(skipped)], groupOf, failed };
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? 'CPU'}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`;
}

/** What is lost against the committed figures: a line for each row, or for each group that could not be measured. */
function lostIn({ rows, groupOf, failed }: Measured): { readonly group: string; readonly line: string }[] {
  const worse = [...losses(rows)].map(([id, line]) => ({ group: groupOf.get(id) ?? id, line }));
  return [...worse, ...[...failed].map(([group, line]) => ({ group, line }))];
}

/** A loss counts when three tries in a row show one in the same group: a shared machine has bad minutes. */
async function check(plan: Plan, measured: Measured): Promise<boolean> {
  let lost = lostIn(measured);
  for (let attempt = 2; lost.length > 0 && attempt <= TRIES; attempt += 1) {
    say(`bench: worse than the committed ratios, try ${attempt} of ${TRIES}`);
    for (const { line } of lost) say(`  ${line}`);
    lost = lostIn(await measure([...new Set(lost.map(({ group }) => group))], plan, false));
  }
  for (const { line } of lost) say(`bench: lost more than 25 %: ${line}`);
  return lost.length === 0;
}

/** The wanted groups in the order of the table. `l1b` stands for all whose names begin with `l1b-`. */
function groupsOf({ only, check: isCheck }: Options): string[] {
  const usual = isCheck ? CHECKED : USUAL;
  if (only === undefined) return [...usual];
  const known = isCheck ? CHECKED : Object.keys(GROUPS);
  const isWanted = (name: string): boolean => only.has(name) || (name.startsWith('l1b-') && only.has('l1b'));
  const unknown = [...only].filter((name) => name !== 'l1b' && GROUPS[name] === undefined);
  if (unknown.length > 0) {
    throw new TypeError(`no such group: ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
  }
  return known.filter(isWanted);
}

async function main(options: Options): Promise<void> {
  const names = groupsOf(options);
  const plan = options.short ? SHORT : FULL;
  const before = machine();
  const measured = await measure(names, plan, !options.check);
  const { rows, skipped, failed } = measured;
  process.stdout.write(`${renderTable(rows)}\n${before}; afterwards load ${loadavg()[0]?.toFixed(1)}\n`);
  for (const line of failed.values()) process.stdout.write(`failed: ${line}\n`);
  for (const line of skipped) process.stdout.write(`left out: ${line}\n`);
  if (options.json !== undefined) {
    const report = { at: new Date().toISOString(), machine: before, plan, rows, skipped };
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  if (options.update) updateReference(rows);
  const sound = options.check ? await check(plan, measured) : failed.size === 0;
  if (!sound) process.exitCode = 1;
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
