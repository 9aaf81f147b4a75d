import { freePort, startServer } from '../child.ts';
import { contest, rowOf, type Contestant, type RowSpec, type Shape } from '../contest.ts';
import type { Bench, Group } from '../group.ts';
import type { Row } from '../row.ts';
import { answeredBy, CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';

const DIRECT = 'the model server directly';
const PROVIDER = 'the same core without L2';
const PLAIN: Shape = { name: 'plain', prompts: 'new', stream: false, connections: 1 };
/** What L2 may add to a provider's answer. */
const AT_MOST_MS = 5;
/** A stalling pool's share is 100 ms: short, for a run of two seconds to hold some tens of stalls. */
const PLAIN_SECS = 2;
const SHARE = 0.05;
const STREAMED: Shape = { ...PLAIN, name: 'streamed', stream: true };

/** What L2 costs while its pool is well, and while it is not. */
export const smallModel: Group = async (bench) => [...(await whileWell(bench)), ...(await whileSick(bench))];

/** L2's own time: decision, gate, and all that comes before it. Beside it the same core asking a provider. */
async function whileWell(bench: Bench): Promise<Row[]> {
  const pool = { ...POOL, ISARTOR__VLLM_URL: bench.upstreamUrl };
  const decidedBy = (name: string, decide: string): Promise<Contestant> =>
    core(bench, name, { ...pool, ISARTOR__LAYER2__DECIDE: decide, ISARTOR__LAYER2__THRESHOLD: '0' });
  const withPool = await core(bench, 'Isartor', pool);
  const classifier = await decidedBy('Isartor, by classifier', 'classifier');
  const probe = await decidedBy('Isartor, by probe', 'probe');
  const withoutPool = await core(bench, PROVIDER, {});
  const direct = { name: DIRECT, origin: bench.upstreamUrl, path: CHAT, pid: bench.upstreamPid, headers: CREDENTIAL };
  const contestants = [
    ...[withPool, classifier, probe].map((contestant) => answeredBy(contestant, 'l2')),
    direct,
    answeredBy(withoutPool, 'l3'),
  ];
  const measured = await contest(bench.load, contestants, [PLAIN, STREAMED], bench.plan);
  const row = (ours: Contestant, theirs: Contestant, id: string, spec: Omit<RowSpec, 'id'>): Row =>
    rowOf(measured, ours.name, theirs.name, { id: `small-model/${id}`, ...spec });
  const [asked, byFeatures, byLetter] = ['L2 answers', 'L2 decides by classifier', 'L2 decides by probe'];
  return [
    row(withPool, direct, 'direct', { ...LATENCY, what: `${asked}, one at a time, p50` }),
    row(classifier, direct, 'classifier', { ...LATENCY, what: `${byFeatures} and answers, p50` }),
    row(probe, direct, 'probe', { ...LATENCY, what: `${byLetter} (a call more) and answers, p50` }),
    row(classifier, direct, 'classifier-first-byte', { ...FIRST_BYTE, what: `${byFeatures}, streamed, first byte` }),
    row(probe, direct, 'probe-first-byte', { ...FIRST_BYTE, what: `${byLetter}, streamed, first byte` }),
    row(withPool, withoutPool, 'provider', { ...LATENCY, what: `${asked}, one at a time, p50` }),
    row(withPool, withoutPool, 'first-byte', { ...FIRST_BYTE, what: `${asked}, streamed, first byte` }),
  ];
}

/** What a pool that is down, fails or stalls adds to a provider's answer. */
async function whileSick(bench: Bench): Promise<Row[]> {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const asleep = await core(bench, 'Isartor, its pool down', { ...POOL, ISARTOR__VLLM_URL: nobody });
  const sick = await started(bench, 'sick-model-server.ts');
  const open = await core(bench, 'Isartor, its breaker open', { ...POOL, ISARTOR__VLLM_URL: sick });
  const stalling = await core(bench, 'Isartor, its pool stalling', {
    ...POOL,
    ISARTOR__VLLM_URL: await started(bench, 'stalling-model-server.ts'),
    ISARTOR__CLOCKS__PLAIN_SECS: String(PLAIN_SECS),
    ISARTOR__LAYER2__DEADLINE_SHARE: String(SHARE),
  });
  const withoutPool = await core(bench, PROVIDER, {});
  const byProvider = [asleep, open, withoutPool].map((contestant) => answeredBy(contestant, 'l3'));
  const measured = await contest(bench.load, [...byProvider, stalling], [PLAIN], bench.plan);
  const row = (ours: Contestant, id: string, spec: Omit<RowSpec, 'id'>): Row =>
    rowOf(measured, ours.name, withoutPool.name, { id: `small-model/${id}`, ...spec });
  return [
    row(asleep, 'down', { ...tail(AT_MOST_MS), what: 'L2 is down, a provider answers, p99' }),
    row(open, 'open', {
      ...tail(AT_MOST_MS),
      what: 'L2 fails all it is asked (breaker open), a provider answers, p99',
    }),
    row(stalling, 'stalling', {
      ...tail(SHARE * PLAIN_SECS * 1000 + AT_MOST_MS),
      what: `L2 stalls every other time, for its share of ${SHARE * PLAIN_SECS * 1000} ms at most, p99`,
      cpu: false,
    }),
  ];
}

const POOL = {
  ISARTOR__ROUTER_BACKEND: 'openai',
  ISARTOR__LAYER2__DECIDE: 'always',
  ISARTOR__LAYER2__REPLACES: 'bench-1',
};

const MS = { unit: 'ms', better: 'less', shape: PLAIN.name } as const;
const LATENCY = { ...MS, figure: ({ p50Ms }: { readonly p50Ms: number }) => p50Ms };
const FIRST_BYTE = {
  ...MS,
  shape: STREAMED.name,
  figure: ({ firstByteMs }: { readonly firstByteMs: number }) => firstByteMs,
};
const tail = (atMost: number) => ({
  ...MS,
  figure: ({ p99Ms }: { readonly p99Ms: number }) => p99Ms,
  aim: { of: 'difference', atMost } as const,
});

/** The file's server of `processes/`, stopped with the bench; where it listens. */
async function started(bench: Bench, file: string): Promise<string> {
  const server = await startServer(file, file);
  bench.defer(() => server.stop());
  return server.url;
}

async function core(bench: Bench, name: string, env: Readonly<Record<string, string>>): Promise<Contestant> {
  const started = await startCore(bench.upstreamUrl, env);
  bench.defer(() => started.stop());
  return { ...started, name };
}
