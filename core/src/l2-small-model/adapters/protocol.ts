import type { JsonObject } from '@isartor/shared';
import type { LogprobsTold, ServedModel } from '../model-backend.port.ts';
import type { LoadNames } from './read-load.ts';

/** What is a kind of server's own, beside OpenAI's API that all of them speak. */
export interface Protocol {
  /** As in `x-isartor-provider`. */
  readonly name: string;
  /** GET: 200 when it answers, 503 while it loads. */
  readonly healthPath: string;
  /** GET: what it serves. */
  readonly modelsPath: string;
  readonly asksUsage: boolean;
  readonly ignores: ReadonlySet<string>;
  readonly logprobs: LogprobsTold;
  /** Reads the answer of `modelsPath`; undefined where it is not one. */
  readModels(answer: JsonObject): readonly ServedModel[] | undefined;
  /** GET: its figures for Prometheus, and what they are called; undefined where none are known. */
  readonly load: { readonly path: string; readonly names: LoadNames } | undefined;
  /** The members of a chat request that allow nothing but one of the labels. */
  constrain(labels: readonly string[]): JsonObject;
  /** How many alternatives of a token it tells at most. */
  readonly topLogprobs: number;
}
