import { alone } from '../alone.ts';
import { figuresOf } from '../figures.ts';
import type { Group } from '../group.ts';
import { benchModels } from '../subjects/models.ts';

/** The verifier on pairs of the suites (core/eval/suites). */
export const l1bVerifier: Group = async (bench) => {
  const [model] = benchModels(bench);
  if (model === undefined) return [];
  const { dir, file, what } = model;
  const { guard, whole } = await figuresOf('l1b-verifier.ts', { dir, file, rounds: bench.plan.rounds });
  const unit = 'µs';
  return [
    alone({ id: 'l1b-verifier/guard', what: 'guard rules, a pair', unit }, guard),
    alone({ id: 'l1b-verifier/whole', what: `whole verifier, ${what}, a pair that passes the rules`, unit }, whole),
  ];
};
