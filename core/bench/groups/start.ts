import { startServer } from '../child.ts';
import type { Bench, Group } from '../group.ts';
import { median } from '../median.ts';
import { CHAT, CREDENTIAL, startCore, untilOk } from '../subjects/core.ts';

const BARE = 'bare Fastify + undici';
const QUESTION: RequestInit = {
  method: 'POST',
  headers: { ...CREDENTIAL, 'content-type': 'application/json' },
  body: '{"model":"bench-1","messages":[{"role":"user","content":"Are you there?"}]}',
};

/** From the start of the process to its first whole answer from the upstream. */
export const start: Group = async (bench) => {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < bench.plan.rounds; round += 1) {
    ours.push(await timed(() => startCore(bench.upstreamUrl)));
    theirs.push(await timed(() => startBare(bench)));
  }
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  return [
    {
      id: 'start/first-answer',
      what: 'core, start to first answer',
      against: BARE,
      unit: 'ms',
      ours: median(ours),
      theirs: median(theirs),
      ratio: median(ratios),
      better: 'less',
      checked: 'ratio',
    },
  ];
};

async function timed(begin: () => Promise<{ origin: string; stop: () => Promise<void> }>): Promise<number> {
  const began = performance.now();
  const server = await begin();
  await untilOk(`${server.origin}${CHAT}`, QUESTION);
  const took = performance.now() - began;
  await server.stop();
  return took;
}

async function startBare({ upstreamUrl }: Bench): Promise<{ origin: string; stop: () => Promise<void> }> {
  const bare = await startServer(BARE, 'bare-proxy.ts', { UPSTREAM_URL: upstreamUrl });
  return { origin: bare.url, stop: () => bare.stop() };
}
