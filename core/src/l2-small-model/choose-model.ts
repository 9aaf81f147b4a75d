import type { ServedModel } from './model-backend.port.ts';

/** Which model a server is asked for. */
export type ModelChoice =
  | { readonly kind: 'configured' | 'only'; readonly model: ServedModel }
  /** The configured one is not served: the only one there is stands in. */
  | { readonly kind: 'fallback'; readonly model: ServedModel }
  /** The choice would be a guess. */
  | { readonly kind: 'unclear'; readonly served: readonly string[] };

/** Chooses among what a server serves: the configured name, else the only one. */
export function chooseModel(configured: string | undefined, served: readonly ServedModel[]): ModelChoice {
  const named = configured === undefined ? undefined : served.find(({ name }) => name === configured);
  if (named !== undefined) return { kind: 'configured', model: named };
  const [only] = served;
  if (served.length !== 1 || only === undefined) return { kind: 'unclear', served: served.map(({ name }) => name) };
  return { kind: configured === undefined ? 'only' : 'fallback', model: only };
}
