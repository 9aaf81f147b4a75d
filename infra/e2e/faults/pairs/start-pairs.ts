import { fakeUpstream, type FakeUpstream } from '@isartor/shared/testing';
import { startCoreProcess } from '../../../../core/test/support/core-process.ts';
import { startWorkerdBefore } from '../targets/isartor.ts';
import { KEY, settings } from '../targets/settings.ts';
import type { Target } from '../targets/target.ts';
import { PAIRS, type Pair } from './pairs.ts';

/** By their names it is known which of a provider's models take which parameters. */
const MODELS = { openai: 'gpt-5-mini', anthropic: 'claude-haiku-4-5', gemini: 'gemini-2.5-flash' } as const;

/** A core, and an edge before it, with a provider of its own for each pair. */
export interface StartedPairs {
  targetOf(pair: Pair): Target;
  stop(): Promise<void>;
}

/** Starts them; each provider is reached by the route of its pair alone. */
export async function startPairs(): Promise<StartedPairs> {
  const upstreams = new Map<Pair, FakeUpstream>();
  for (const pair of PAIRS) upstreams.set(pair, await fakeUpstream());
  const upstreamOf = (pair: Pair): FakeUpstream => {
    const upstream = upstreams.get(pair);
    if (upstream === undefined) throw new Error(`${pair.name} has no provider`);
    return upstream;
  };
  const core = startCoreProcess({
    ...settings(''),
    ISARTOR__L3__PROVIDERS: JSON.stringify(
      PAIRS.map((pair) => ({ name: pair.name, dialect: pair.dialect, url: upstreamOf(pair).url, model: pair.name })),
    ),
    ISARTOR__L3__ROUTES: JSON.stringify(
      PAIRS.map(({ name, dialect }) => ({ model: name, to: [{ provider: name, model: MODELS[dialect] }] })),
    ),
  });
  const origin = await core.origin;
  const edge = await startWorkerdBefore(origin);
  return {
    targetOf: (pair) => ({
      origin: pair.site === 'core' ? origin : edge.origin,
      headers: { authorization: `Bearer ${KEY}` },
      upstream: upstreamOf(pair),
      stop: () => Promise.resolve(),
    }),
    stop: async () => {
      await edge.stop();
      core.child.kill('SIGKILL');
      await core.ended;
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}
