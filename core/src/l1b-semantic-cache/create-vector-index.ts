import type { Config } from '../config/config.ts';
import { AbsentVectorIndex } from './adapters/absent-vector-index.ts';
import { MemoryVectorIndex } from './adapters/memory-vector-index.ts';
import type { VectorIndex } from './vector-index.port.ts';

/** The index that the settings ask for. Memory of each process alone is never taken for what all pods share. */
export function createVectorIndex({ cache, semanticCache }: Config): VectorIndex {
  const { index } = semanticCache;
  if (index === 'redis' || (index === 'auto' && cache.backend === 'redis')) {
    return new AbsentVectorIndex(
      'this version keeps vectors in the memory of each process alone; set semantic_cache.index to memory to allow that',
    );
  }
  return new MemoryVectorIndex(cache.maxCapacity);
}
