// `npm start`: Isartor on this machine, in one terminal. Needs nothing but what package.json installs.
import { Fault } from './stack/fault.ts';
import { localUrl } from './stack/host-port.ts';
import { ROOT, STATE_DIR } from './stack/paths.ts';
import { formatRequest, readRequestRecord } from './stack/request-line.ts';
import { removeRunNote, writeRunNote, type RunNote } from './stack/run-note.ts';
import { planStack, type StackPlan } from './stack/stack-plan.ts';
import { Stack } from './stack/stack.ts';
import { stopSignal } from './stack/stop-signal.ts';
import { summaryLines } from './stack/summary.ts';

const GRACE_MS = 5_000;
const PROGRESS_EVERY_MS = 5_000;
const MOST_TRIES = 3;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;

async function main(): Promise<void> {
  let running: Stack | undefined;
  // Whatever happens to this process, its children go with it.
  const killAll = (): void => running?.kill();
  process.once('exit', killAll);
  const stopped = stopSignal(killAll);
  const progress = setInterval(() => say(`isartor: … ${Math.round(seconds())} s`), PROGRESS_EVERY_MS);
  for (let tries = 1; ; tries++) {
    const plan = await planStack(process.env, { root: ROOT, stateDir: STATE_DIR });
    announce(plan);
    const stack = newStack(plan);
    running = stack;
    try {
      const outcome = await Promise.race([stack.start().then(() => 'ready' as const), stopped]);
      clearInterval(progress);
      if (outcome === 'ready') {
        welcome(plan);
        await Promise.race([stopped, stack.failure]);
      }
      say('isartor: stopping …');
      return;
    } catch (error) {
      // A port that was free a moment ago: planning anew finds the next one, or says which setting is in the way.
      if (!stack.portLost || tries === MOST_TRIES) throw error;
    } finally {
      await stack.stop();
      removeRunNote(STATE_DIR, process.pid);
    }
  }
}

function announce(plan: StackPlan): void {
  for (const notice of plan.notices) say(`isartor: ${notice}`);
  if (plan.standin !== undefined) {
    say(
      'isartor: no provider key is set, so a local stand-in model answers; set ISARTOR__EXTERNAL_LLM_API_KEY for a real one',
    );
  }
  say('isartor: starting …');
}

function newStack(plan: StackPlan): Stack {
  let ownLook = true;
  return new Stack(plan, {
    root: ROOT,
    stateDir: STATE_DIR,
    env: process.env,
    graceMs: GRACE_MS,
    onLine: say,
    onWorkerLog: (level, message) => {
      const record = readRequestRecord(message);
      if (record === undefined) {
        if (level === 'error' || level === 'warn') say(`edge: ${message.split('\n')[0] ?? ''}`);
        return;
      }
      // The first one is our own look at the Worker's health. What the stand-in was spared is no money saved.
      const isOurs = ownLook && record.path === '/healthz';
      if (isOurs) ownLook = false;
      else say(formatRequest(plan.standin === undefined ? record : { ...record, savedUsd: 0 }));
    },
  });
}

/** Says that all is ready: to the user, to the demo (the note), and to a program that started this one. */
function welcome(plan: StackPlan): void {
  const note: RunNote = {
    v: 1,
    pid: process.pid,
    edgeUrl: localUrl(plan.edge),
    coreUrl: localUrl(plan.core),
    standin: plan.standin !== undefined,
    model: plan.model,
  };
  writeRunNote(STATE_DIR, note);
  for (const line of summaryLines(plan, seconds())) say(line);
  process.send?.({ kind: 'ready', note });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const lines =
      error instanceof Fault ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    for (const line of lines.split('\n')) process.stderr.write(`isartor: ${line}\n`);
    process.exit(1);
  },
);
