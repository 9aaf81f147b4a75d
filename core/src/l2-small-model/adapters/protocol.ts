import type { JsonObject } from '@isartor/shared';
import type { ServedModel } from '../model-backend.port.ts';

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
  /** Reads the answer of `modelsPath`; undefined where it is not one. */
  readModels(answer: JsonObject): readonly ServedModel[] | undefined;
  /** The members of a chat request that allow nothing but one of the labels. */
  constrain(labels: readonly string[]): JsonObject;
  /** How many alternatives of a token it tells at most. */
  readonly topLogprobs: number;
}
