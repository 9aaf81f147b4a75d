import { ANONYMOUS, type Principal } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import type { ModelRoute } from '../../config/model-route-list-type.ts';
import { ModelRoutes } from './model-routes.ts';

function route(model: string, more: Partial<ModelRoute> = {}): ModelRoute {
  const to = [{ provider: `of-${model}`, model: undefined, weight: undefined }];
  return { model, to, clocks: {}, cache: undefined, cacheTtlSecs: undefined, skip: [], ...more };
}

const KEY: Principal = { ...ANONYMOUS, cache: 'exact', ttlSecs: 100, layers: ['l1a', 'l2', 'l3'] };

describe('the routes of models', () => {
  it('are the first that is about the model; who names none asks for isartor/auto', () => {
    const routes = new ModelRoutes([route('fast'), route('isartor/*'), route('g*')]);
    const names = ['fast', undefined, 'gpt', 'gpt', 'other'].map((model) => routes.of(model)?.model);
    expect(names).toEqual(['fast', 'isartor/*', 'g*', 'g*', undefined]);
    expect(routes.aliases).toEqual([['fast', 'of-fast']]);
    expect(new ModelRoutes([]).of('fast')).toBeUndefined();
  });

  it('narrow what a key may, and never widen it', () => {
    const routes = new ModelRoutes([
      route('uncached', { cache: 'off' }),
      route('wide', { cache: 'both', cacheTtlSecs: 1_000 }),
      route('short', { cacheTtlSecs: 10, skip: ['l1a', 'l1b'] }),
      route('plain'),
    ]);
    const narrowed = (principal: Principal, model: string) => {
      const { cache, ttlSecs, layers } = routes.narrowed(principal, model);
      return [cache, ttlSecs, layers];
    };
    expect(narrowed(KEY, 'uncached')).toEqual(['off', 100, KEY.layers]);
    expect(narrowed(KEY, 'wide')).toEqual(['exact', 100, KEY.layers]);
    expect(narrowed(KEY, 'short')).toEqual(['exact', 10, ['l2', 'l3']]);
    expect(narrowed(ANONYMOUS, 'short')).toEqual(['both', 10, ['l2', 'l3']]);
    expect(narrowed({ ...KEY, cache: 'off' }, 'wide')).toEqual(['off', 100, KEY.layers]);
    expect(routes.narrowed(KEY, 'plain')).toBe(KEY);
    expect(routes.narrowed(KEY, 'unknown')).toBe(KEY);
  });
});
