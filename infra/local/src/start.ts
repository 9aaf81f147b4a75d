// `npm start`: Isartor on this machine, in one terminal. Needs nothing but what package.json installs.
import { summaryLines } from './stack/summary.ts';
import { Fault } from './stack/fault.ts';
import { localUrl } from './stack/host-port.ts';
import { ROOT, STATE_DIR } from './stack/paths.ts';
import { formatRequest, readRequestRecord } from './stack/request-line.ts';
import { removeRunNote, writeRunNote, type RunNote } from './stack/run-note.ts';
import { Stack } from './stack/stack.ts';
import { planStack } from './stack/stack-plan.ts';
import { stopSignal } from './stack/stop-signal.ts';

const GRACE_MS = 5_000;
const PROGRESS_EVERY_MS = 5_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<void> {
  const began = performance.now();
  const plan = await planStack(process.env, { root: ROOT, stateDir: STATE_DIR });
  for (const notice of plan.notices) say(`isartor: ${notice}`);
  if (plan.standin !== undefined) {
    say('isartor: no provider key is set, so a local stand-in model answers; set ISARTOR__EXTERNAL_LLM_API_KEY for a real one');
  }
  let ownLook = true;
  const stack = new Stack(plan, {
    root: ROOT,
    stateDir: STATE_DIR,
    env: process.env,
    graceMs: GRACE_MS,
    onLine: say,
    onWorkerLog: (level, message) => {
      const record = readRequestRecord(message);
      if (record !== undefined) {
        // The first one is our own look at the Worker's health. What the stand-in was spared is no money saved.
        if (!ownLook || record.path !== '/healthz') say(formatRequest(plan.standin === undefined ? record : { ...record, savedUsd: 0 }));
        ownLook &&= record.path !== '/healthz';
      } else if (level === 'error' || level === 'warn') say(`edge: ${message.split('\n')[0] ?? ''}`);
    },
  });
  // Whatever happens to this process, its children go with it.
  process.once('exit', () => stack.kill());
  const stopped = stopSignal(() => stack.kill());

  say('isartor: starting …');
  const progress = setInterval(() => say(`isartor: … ${Math.round((performance.now() - began) / 1000)} s`), PROGRESS_EVERY_MS);
  try {
    const outcome = await Promise.race([stack.start().then(() => 'ready' as const), stopped]);
    clearInterval(progress);
    if (outcome === 'ready') {
      const note: RunNote = {
        v: 1,
        pid: process.pid,
        edgeUrl: localUrl(plan.edge),
        coreUrl: localUrl(plan.core),
        standin: plan.standin !== undefined,
        model: plan.model,
      };
      writeRunNote(STATE_DIR, note);
      for (const line of summaryLines(plan, (performance.now() - began) / 1000)) say(line);
      process.send?.({ kind: 'ready', note });
      await Promise.race([stopped, stack.failure]);
    }
    say('isartor: stopping …');
  } finally {
    clearInterval(progress);
    await stack.stop();
    removeRunNote(STATE_DIR, process.pid);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const lines = error instanceof Fault ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    for (const line of lines.split('\n')) process.stderr.write(`isartor: ${line}\n`);
    process.exit(1);
  },
);
