import { Index, MetricKind, ScalarKind } from 'usearch';
import type { VectorList } from './vector-list.ts';

/** One thread: the index has the event loop for as long as a call lasts, and the call is short. */
const THREADS = 1;

/** Many vectors in a graph (HNSW), half-precision. The place of a removed one is used again. */
export class GraphVectors implements VectorList {
  private readonly index: Index;

  constructor(dimension: number) {
    this.index = new Index({
      dimensions: dimension,
      metric: MetricKind.Cos,
      quantization: ScalarKind.F16,
      connectivity: 16,
      expansion_add: 64,
      expansion_search: 64,
      multi: false,
    });
  }

  get size(): number {
    return this.index.size();
  }

  add(id: number, vector: Float32Array): void {
    this.index.add(BigInt(id), vector, THREADS);
  }

  remove(id: number): void {
    this.index.remove(BigInt(id));
  }

  search(vector: Float32Array, count: number): { id: number; cosine: number }[] {
    if (this.size === 0) return [];
    const { keys, distances } = this.index.search(vector, Math.min(count, this.size), THREADS);
    return Array.from(keys, (key, i) => ({ id: Number(key), cosine: 1 - (distances[i] ?? 2) }));
  }
}
