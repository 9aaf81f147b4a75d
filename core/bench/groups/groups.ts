import type { Group } from '../group.ts';
import { bundle } from './bundle.ts';
import { collectorFaults } from './collector-faults.ts';
import { edgeHit, edgeMiss } from './edge.ts';
import { hitMemory, hitRedis } from './hit.ts';
import { l1bEmbedding } from './l1b-embedding.ts';
import { l1bIndex } from './l1b-index.ts';
import { l1bMemory } from './l1b-memory.ts';
import { l1bVerifier } from './l1b-verifier.ts';
import { memory } from './memory.ts';
import { missPlain, missStreamed } from './miss.ts';
import { smallModel } from './small-model.ts';
import { start } from './start.ts';
import { telemetry } from './telemetry.ts';

/** All rows, in the order of the table. */
export const GROUPS: Readonly<Record<string, Group>> = {
  hit: hitMemory,
  'hit-redis': hitRedis,
  miss: missPlain,
  stream: missStreamed,
  'small-model': smallModel,
  'edge-hit': edgeHit,
  'edge-miss': edgeMiss,
  telemetry,
  'collector-faults': collectorFaults,
  memory,
  start,
  bundle,
  'l1b-embedding': l1bEmbedding,
  'l1b-verifier': l1bVerifier,
  'l1b-index': l1bIndex,
  'l1b-memory': l1bMemory,
};

/** The groups that a plain run measures: the others take minutes each, and are measured when `--only` names them. */
export const USUAL: readonly string[] = Object.keys(GROUPS).filter((name) => !name.startsWith('l1b-'));

/** The groups that have a committed figure (reference.json). */
export const CHECKED: readonly string[] = USUAL.filter(
  (name) => !['edge-miss', 'small-model', 'collector-faults'].includes(name),
);
