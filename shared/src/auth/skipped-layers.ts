import type { CacheDirectives } from '../cache-key/cache-directives.ts';
import { SKIPPABLE_LAYERS, type LayerName } from '../layer/layer-name.ts';
import type { Principal } from './principal.ts';

/**
 * The layers whose stored answers a request must not get: those it bypasses, those its key may not use, and those that
 * the process itself has switched off. `l3` is never among them: an answer from there that is in the cache already
 * costs nobody anything.
 */
export function skippedLayers(
  principal: Principal,
  directives: CacheDirectives,
  disabled: readonly LayerName[],
): ReadonlySet<LayerName> {
  const { layers, cache } = principal;
  const skipped = new Set<LayerName>([...directives.bypass, ...disabled]);
  if (layers !== undefined) {
    for (const name of SKIPPABLE_LAYERS) if (!layers.includes(name)) skipped.add(name);
  }
  // A copy of what another question was answered is not for a question of the day.
  if (cache === 'exact' || directives.volatile === true) skipped.add('l1b');
  return skipped;
}
