import type { LayerName } from '@isartor/shared';
import type { Answer } from './answer.ts';
import type { RequestContext } from './request-context.ts';

/** Runs the layers below, with a context of the calling layer's own where it gives one. Called at most once. */
export type Next = (context?: RequestContext) => Promise<Answer>;

/**
 * One layer of the firewall: it answers, or calls `next` and may act on the answer on the way back.
 * It throws a GatewayError where the request ends in an error, and must pass on what `next` throws.
 */
export interface Layer {
  readonly name: LayerName;
  handle(context: RequestContext, next: Next): Promise<Answer>;
}

/** Token of the ordered list of layers. */
export const Layers = Symbol('Layers');
