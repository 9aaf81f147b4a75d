import type { Group } from '../group.ts';
import { bundle } from './bundle.ts';
import { edgeHit, edgeMiss } from './edge.ts';
import { hitMemory, hitRedis } from './hit.ts';
import { memory } from './memory.ts';
import { missPlain, missStreamed } from './miss.ts';
import { smallModel } from './small-model.ts';
import { start } from './start.ts';

/** All rows, in the order of the table. */
export const GROUPS: Readonly<Record<string, Group>> = {
  hit: hitMemory,
  'hit-redis': hitRedis,
  miss: missPlain,
  stream: missStreamed,
  'small-model': smallModel,
  'edge-hit': edgeHit,
  'edge-miss': edgeMiss,
  memory,
  start,
  bundle,
};

/** The groups that have a committed figure (reference.json). */
export const CHECKED: readonly string[] = Object.keys(GROUPS).filter(
  (name) => name !== 'edge-miss' && name !== 'small-model',
);
