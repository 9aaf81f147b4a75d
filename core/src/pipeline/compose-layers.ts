import { GatewayError } from '@isartor/shared';
import type { Answer } from './answer.ts';
import type { Layer } from './layer.port.ts';
import type { RequestContext } from './request-context.ts';
import { tracedLayer } from './traced-layer.ts';

/** Runs a request through the layers in order. */
export type Pipeline = (context: RequestContext) => Promise<Answer>;

/** Token of the pipeline. */
export const Pipeline = Symbol('Pipeline');

/**
 * Folds layers into one function, the first outermost, and notes in the trail how long each took by itself (the time
 * below it taken off). A layer that calls `next` twice is a fault of ours and fails the request: a second call could
 * be paid for twice.
 */
export function composeLayers(layers: readonly Layer[], nowMs: () => number = () => performance.now()): Pipeline {
  return (request) => {
    const run = async (index: number, context: RequestContext): Promise<Answer> => {
      const layer = layers[index];
      if (layer === undefined) {
        throw new GatewayError('layer_not_allowed', 'No layer that this key may use could answer the request.');
      }
      if (!mayUse(context, layer)) return run(index + 1, context);

      const startedAt = nowMs();
      let called = false;
      let spentBelow = 0;
      try {
        return await tracedLayer(layer, context, async (own = context) => {
          if (called) throw new GatewayError('internal', `The layer ${layer.name} called the next layer twice.`);
          called = true;
          const before = nowMs();
          try {
            return await run(index + 1, own);
          } finally {
            spentBelow = nowMs() - before;
          }
        });
      } finally {
        context.trail.timings.push({ layer: layer.name, ms: nowMs() - startedAt - spentBelow });
      }
    };
    return run(0, request);
  };
}

function mayUse(context: RequestContext, layer: Layer): boolean {
  const allowed = context.principal.layers;
  return allowed === undefined || allowed.includes(layer.name);
}
