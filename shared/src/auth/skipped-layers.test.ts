import { describe, expect, it } from 'vitest';
import type { CacheDirectives } from '../cache-key/cache-directives.ts';
import type { LayerName, SkippableLayer } from '../layer/layer-name.ts';
import { ANONYMOUS, type Principal } from './principal.ts';
import { skippedLayers } from './skipped-layers.ts';

interface Case {
  readonly principal?: Partial<Principal>;
  readonly bypass?: readonly SkippableLayer[];
  readonly disabled?: readonly LayerName[];
  readonly volatile?: boolean;
}

describe('skippedLayers', () => {
  it.each<[string, Case, LayerName[]]>([
    ['nothing by default', {}, []],
    ['what the request bypasses', { bypass: ['l2'] }, ['l2']],
    ['what the process has switched off', { disabled: ['l1b'] }, ['l1b']],
    ['what the key may not use, but for l3', { principal: { layers: ['l1a'] } }, ['l1b', 'l2']],
    ['the semantic cache for a key with an exact one', { principal: { cache: 'exact' } }, ['l1b']],
    ['the semantic cache for a question of the day', { volatile: true }, ['l1b']],
    ['nothing for a question of all days', { volatile: false }, []],
  ])('skips %s', (_what, { principal = {}, bypass = [], disabled = [], volatile }, wanted) => {
    const directives: CacheDirectives = {
      noCache: false,
      noStore: false,
      ttlSecs: undefined,
      bypass: new Set(bypass),
      session: undefined,
      volatile,
    };
    expect([...skippedLayers({ ...ANONYMOUS, ...principal }, directives, disabled)]).toEqual(wanted);
  });
});
