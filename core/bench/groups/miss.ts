import { startServer } from '../child.ts';
import { contest, rowOf, type Contestant, type Measurements, type RowSpec, type Shape } from '../contest.ts';
import type { Bench, Group } from '../group.ts';
import type { Row } from '../row.ts';
import { answeredBy, CHAT, CREDENTIAL, startCore } from '../subjects/core.ts';
import { startNginx } from '../subjects/nginx.ts';
import { startPortkey } from '../subjects/portkey.ts';

const DIRECT = 'the upstream directly';
const BARE = 'bare Fastify + undici';
const PLAIN_32: Shape = { name: '32', prompts: 'new', stream: false, connections: 32 };
const PLAIN_1: Shape = { ...PLAIN_32, name: '1', connections: 1 };
const STAMPED_1: Shape = { ...PLAIN_1, name: 'stamped', stream: 'stamped' };

/** A miss: the core looks up, asks the upstream and stores; the others only pass on. */
export const missPlain: Group = async (bench) => {
  const peers = await startPeers(bench);
  const measured = await contest(bench.load, peers, [PLAIN_32, PLAIN_1], bench.plan);
  return rowsAgainst(measured, peers, (isBare) => [
    {
      id: 'miss/throughput',
      what: 'core miss, 32 at once',
      shape: '32',
      unit: 'requests/s',
      better: 'more',
      figure: ({ perSecond }) => perSecond,
      checked: 'cpu',
      ...(isBare && { aim: { of: 'cpu', atMost: 1.4 } }),
    },
    {
      id: 'miss/latency',
      what: 'core miss, one at a time, p50',
      shape: '1',
      unit: 'ms',
      better: 'less',
      figure: ({ p50Ms }) => p50Ms,
    },
  ]);
};

/** The same, streamed: 20 events, each a write of its own. */
export const missStreamed: Group = async (bench) => {
  const peers = await startPeers(bench);
  const shapes = [PLAIN_32, PLAIN_1].map((shape) => ({ ...shape, stream: true }));
  const measured = await contest(bench.load, peers, [...shapes, STAMPED_1], bench.plan);
  return rowsAgainst(measured, peers, (isBare) => [
    {
      id: 'stream/throughput',
      what: 'core miss, streamed, 32 at once',
      shape: '32',
      unit: 'streams/s',
      better: 'more',
      figure: ({ perSecond }) => perSecond,
      checked: 'cpu',
    },
    {
      id: 'stream/first-byte',
      what: 'core miss, streamed, first byte',
      shape: '1',
      unit: 'ms',
      better: 'less',
      figure: ({ firstByteMs }) => firstByteMs,
      ...(isBare && { aim: { of: 'difference', atMost: 0.5 } }),
    },
    {
      id: 'stream/chunk',
      what: 'core miss, streamed, a chunk on its way',
      shape: STAMPED_1.name,
      unit: 'ms',
      better: 'less',
      figure: ({ chunkMs }) => chunkMs,
    },
  ]);
};

async function startPeers(bench: Bench): Promise<[Contestant, ...Contestant[]]> {
  const core = await startCore(bench.upstreamUrl);
  bench.defer(() => core.stop());
  const bare = await startServer(BARE, 'bare-proxy.ts', { UPSTREAM_URL: bench.upstreamUrl });
  bench.defer(() => bare.stop());
  const bareProxy = { name: BARE, origin: bare.url, path: CHAT, pid: bare.pid, headers: CREDENTIAL };
  const direct = { name: DIRECT, origin: bench.upstreamUrl, path: CHAT, pid: bench.upstreamPid, headers: CREDENTIAL };
  const ours = answeredBy(core, 'l3');
  if (!bench.peers) return [ours, bareProxy];
  const installed = [await startNginx(bench), await startPortkey(bench)].filter((peer) => peer !== undefined);
  return [ours, direct, bareProxy, ...installed];
}

function rowsAgainst(
  measured: Measurements,
  [ours, ...others]: readonly [Contestant, ...Contestant[]],
  specs: (isBare: boolean) => readonly RowSpec[],
): Row[] {
  const [first] = specs(false);
  return specs(false).flatMap((_, index) =>
    others.flatMap((peer) => {
      const spec = specs(peer.name === BARE)[index] ?? first;
      if (spec === undefined) return [];
      const { checked, ...unchecked } = spec;
      const id = `${spec.id}/${peer.name
        .replaceAll(/[^a-z]+/gi, '-')
        .replace(/-$/, '')
        .toLowerCase()}`;
      const held = peer.name === BARE && checked !== undefined ? { checked } : {};
      return [rowOf(measured, ours.name, peer.name, { ...unchecked, ...held, id, cpu: true })];
    }),
  );
}
