// `npm run soak`: mixed load on a real stack, faults and outages included, and what it leaves behind.
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../local/src/stack/fault.ts';
import { stopSignal } from '../local/src/stack/stop-signal.ts';
import { fillTables } from './fill-tables.ts';
import { Load } from './load.ts';
import { requestsInFlight, takeSample, type Sample } from './samples.ts';
import { soakOptions, type SoakOptions } from './soak-options.ts';
import { soakReport } from './soak-report.ts';
import { SOAK_KEY, SoakStack } from './soak-stack.ts';
import { soakUpstream, type SoakUpstream } from './soak-upstream.ts';

const SAMPLES = 60;
/** MAX_KNOWN in core/src/http/known-bodies.ts, which cannot be loaded here without the core's loader. */
const KNOWN_BODIES = 8_192;
const MOST_WARM_UP_SECONDS = 180;
const REDIS_AWAY_MS = 2_500;
const SETTLES_WITHIN_MS = 15_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What was done to the stack beside the load. */
interface Disturbance {
  redisRestarts: number;
  purges: number;
}

async function main(): Promise<boolean> {
  const options = soakOptions(process.argv.slice(2));
  const stopped = new AbortController();
  void stopSignal(() => process.exit(1)).then(() => stopped.abort(new Fault('stopped')));
  const upstream = await soakUpstream();
  const stack = await SoakStack.start(upstream.url, options.coreOnly);
  let exitCode: number | null = null;
  const stop = async (): Promise<void> => {
    exitCode = await stack.stop();
    await upstream.close();
  };
  try {
    const soaked = await Promise.race([soak(options, stack, upstream, stopped.signal), stack.failure]);
    await stop();
    const { text, passed } = soakReport({
      ...soaked,
      atEnd: { ...soaked.atEnd, exitCode },
      complaints: stack.complaints,
    });
    say(text);
    say(passed ? 'soak: everything holds' : 'soak: FAILED');
    return passed;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function soak(options: SoakOptions, stack: SoakStack, upstream: SoakUpstream, signal: AbortSignal) {
  const { sockets: socketsAtStart } = await stack.figures();
  await fillTables(stack.coreOrigin, KNOWN_BODIES, signal);
  say(`soak: ${options.seconds} s with ${options.clients} clients at ${stack.origin}`);
  const done = new AbortController();
  const load = new Load({ origin: stack.origin, key: SOAK_KEY, clients: options.clients });
  const disturbance: Disturbance = { redisRestarts: 0, purges: 0 };
  const disturbed = disturb(stack, options.seconds, disturbance, done.signal);
  const samples = await sampled(options, stack, load, AbortSignal.any([signal, done.signal]), disturbed);
  done.abort();
  await disturbed;
  await load.stop();
  await stack.stopEdge();
  const atEnd = await settled(stack, upstream, socketsAtStart);
  return {
    seconds: options.seconds,
    through: options.coreOnly ? 'at the core' : 'through the Worker in workerd',
    load: load.figures,
    samples,
    warmUpMinutes: Math.min(MOST_WARM_UP_SECONDS, options.seconds / 3) / 60,
    ...disturbance,
    atEnd: { ...atEnd, socketsAtStart },
  };
}

async function sampled(
  { seconds }: SoakOptions,
  stack: SoakStack,
  load: Load,
  signal: AbortSignal,
  disturbed: Promise<void>,
): Promise<readonly Sample[]> {
  const began = performance.now();
  const samples: Sample[] = [];
  const elapsed = (): number => (performance.now() - began) / 1_000;
  while (elapsed() < seconds) {
    const left = seconds - elapsed();
    // A disturbance that fails ends the soak at once.
    await Promise.race([pause(Math.min(left, seconds / SAMPLES) * 1_000, undefined, { signal }), failed(disturbed)]);
    samples.push(await load.atRest(() => takeSample(stack, elapsed() / 60)));
  }
  return samples;
}

function failed(work: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => void work.catch(reject));
}

/** Kills Redis and starts it again, and purges, until told to stop; Redis runs at the end. */
async function disturb(stack: SoakStack, seconds: number, done: Disturbance, signal: AbortSignal): Promise<void> {
  const every = Math.max(12, Math.min(60, seconds / 5)) * 1_000;
  const wait = (ms: number): Promise<boolean> => pause(ms, true, { signal }).catch(() => false);
  while (await wait(every / 2)) {
    if (await stack.purge()) done.purges += 1;
    if (!(await wait(every / 2))) return;
    await stack.killRedis();
    await wait(REDIS_AWAY_MS);
    await stack.restartRedis();
    done.redisRestarts += 1;
  }
}

/** What is left when nobody asks any more, once it has had time to go. */
async function settled(stack: SoakStack, upstream: SoakUpstream, socketsAtStart: number) {
  for (const until = performance.now() + SETTLES_WITHIN_MS; ;) {
    upstream.closeIdle();
    const inFlight = requestsInFlight(await stack.metrics());
    const { sockets } = await stack.figures();
    const upstreamBusy = upstream.busy();
    const quiet = inFlight === 0 && upstreamBusy === 0 && sockets <= socketsAtStart;
    if (quiet || performance.now() > until) return { inFlight, sockets, upstreamBusy };
    await pause(250);
  }
}

main().then(
  (passed) => process.exit(passed ? 0 : 1),
  (error: unknown) => {
    const text = error instanceof Fault ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`soak: ${text}\n`);
    process.exit(1);
  },
);
