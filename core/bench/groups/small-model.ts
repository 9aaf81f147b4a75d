import { freePort, startServer } from '../child.ts';
import { contest, rowOf, type Contestant, type RowSpec, type Shape } from '../contest.ts';
import type { Bench, Group } from '../group.ts';
import type { Row } from '../row.ts';
import { answeredBy, CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';

const DIRECT = 'the model server directly';
const PROVIDER = 'the same core without L2';
const PLAIN: Shape = { name: 'plain', prompts: 'new', stream: false, connections: 1 };
const STREAMED: Shape = { ...PLAIN, name: 'streamed', stream: true };

/** L2's own time: decision, gate, and all that comes before it. Beside it the same core asking a provider. */
export const smallModel: Group = async (bench) => {
  const withPool = await core(bench, 'Isartor', { ...POOL, ISARTOR__VLLM_URL: bench.upstreamUrl });
  const withoutPool = await core(bench, PROVIDER, {});
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const asleep = await core(bench, 'Isartor, its pool down', { ...POOL, ISARTOR__VLLM_URL: nobody });
  const sick = await startServer('sick model server', 'sick-model-server.ts');
  bench.defer(() => sick.stop());
  const open = await core(bench, 'Isartor, its breaker open', { ...POOL, ISARTOR__VLLM_URL: sick.url });
  const direct = { name: DIRECT, origin: bench.upstreamUrl, path: CHAT, pid: bench.upstreamPid, headers: CREDENTIAL };
  const contestants = [
    answeredBy(withPool, 'l2'),
    direct,
    answeredBy(withoutPool, 'l3'),
    answeredBy(asleep, 'l3'),
    answeredBy(open, 'l3'),
  ] as const;
  const measured = await contest(bench.load, contestants, [PLAIN, STREAMED], bench.plan);
  const row = (ours: Contestant, theirs: Contestant, spec: RowSpec): Row =>
    rowOf(measured, ours.name, theirs.name, spec);
  return [
    row(withPool, direct, { ...LATENCY, id: 'small-model/direct', what: 'L2 answers, one at a time, p50' }),
    row(withPool, withoutPool, { ...LATENCY, id: 'small-model/provider', what: 'L2 answers, one at a time, p50' }),
    row(withPool, withoutPool, {
      ...FIRST_BYTE,
      id: 'small-model/first-byte',
      what: 'L2 answers, streamed, first byte',
    }),
    row(asleep, withoutPool, { ...TAIL, id: 'small-model/down', what: 'L2 is down, a provider answers, p99' }),
    row(open, withoutPool, {
      ...TAIL,
      id: 'small-model/open',
      what: 'L2 fails all it is asked (breaker open), a provider answers, p99',
    }),
  ];
};

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
const TAIL = {
  ...MS,
  figure: ({ p99Ms }: { readonly p99Ms: number }) => p99Ms,
  aim: { of: 'difference', atMost: 5 } as const,
};

async function core(bench: Bench, name: string, env: Readonly<Record<string, string>>): Promise<Contestant> {
  const started = await startCore(bench.upstreamUrl, env);
  bench.defer(() => started.stop());
  return { ...started, name };
}
