import { ANONYMOUS, GatewayError, type LayerName } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import type { Answer } from './answer.ts';
import { composeLayers } from './compose-layers.ts';
import type { Layer } from './layer.port.ts';
import type { RequestContext } from './request-context.ts';

const ANSWER: Answer = { status: 200, headers: {}, body: { kind: 'bytes', bytes: new Uint8Array() }, layer: 'l3' };

function contextFor(layers?: readonly LayerName[]): RequestContext {
  const partial: Pick<RequestContext, 'principal' | 'trail'> = {
    principal: { ...ANONYMOUS, layers },
    trail: { timings: [], faults: [] },
  };
  // The composition looks at nothing else of a context.
  return partial as RequestContext;
}

function layer(name: LayerName, handle: Layer['handle']): Layer {
  return { name, handle };
}

describe('composeLayers', () => {
  it('asks layers in order and lets each act on the answer on the way back', async () => {
    const steps: string[] = [];
    const passing = (name: LayerName) =>
      layer(name, async (_context, next) => {
        steps.push(`${name} in`);
        const answer = await next();
        steps.push(`${name} out`);
        return answer;
      });
    const pipeline = composeLayers([passing('l1a'), passing('l2'), layer('l3', () => Promise.resolve(ANSWER))]);
    expect(await pipeline(contextFor())).toBe(ANSWER);
    expect(steps).toEqual(['l1a in', 'l2 in', 'l2 out', 'l1a out']);
  });

  it('stops at the first layer that answers', async () => {
    const pipeline = composeLayers([
      layer('l1a', () => Promise.resolve({ ...ANSWER, layer: 'l1a' })),
      layer('l3', () => Promise.reject(new Error('must not be asked'))),
    ]);
    expect((await pipeline(contextFor())).layer).toBe('l1a');
  });

  it('refuses a second call of next: it could be paid for twice', async () => {
    const pipeline = composeLayers([
      layer('l1a', async (_context, next) => {
        await next();
        return next();
      }),
      layer('l3', () => Promise.resolve(ANSWER)),
    ]);
    await expect(pipeline(contextFor())).rejects.toMatchObject({ code: 'internal' });
  });

  it('passes over the layers that the key does not allow, and says so when none is left', async () => {
    const layers = [
      layer('l1a', () => Promise.resolve({ ...ANSWER, layer: 'l1a' })),
      layer('l3', () => Promise.resolve(ANSWER)),
    ];
    expect((await composeLayers(layers)(contextFor(['l3']))).layer).toBe('l3');
    await expect(composeLayers(layers)(contextFor(['l2']))).rejects.toMatchObject({
      code: 'layer_not_allowed',
      status: 403,
    });
  });

  it('passes an error through every layer and still notes their times', async () => {
    const fault = new GatewayError('upstream_error', 'down');
    const context = contextFor();
    const pipeline = composeLayers([
      layer('l1a', (_context, next) => next()),
      layer('l3', () => Promise.reject(fault)),
    ]);
    await expect(pipeline(context)).rejects.toBe(fault);
    expect(context.trail.timings.map((timing) => timing.layer)).toEqual(['l3', 'l1a']);
  });

  it('notes what each layer took by itself, the time below it taken off', async () => {
    let now = 0;
    const context = contextFor();
    const slow = (name: LayerName, ms: number) =>
      layer(name, async (_context, next) => {
        now += ms;
        return name === 'l3' ? ANSWER : next();
      });
    await composeLayers([slow('l1a', 2), slow('l2', 5), slow('l3', 100)], () => now)(context);
    expect(context.trail.timings).toEqual([
      { layer: 'l3', ms: 100 },
      { layer: 'l2', ms: 5 },
      { layer: 'l1a', ms: 2 },
    ]);
  });
});
