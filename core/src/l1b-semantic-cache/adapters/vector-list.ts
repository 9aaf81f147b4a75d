/** Vectors of length 1 under numbers, searched by cosine. Of one dimension: that of the first. */
export interface VectorList {
  readonly size: number;
  /** The number must be new. */
  add(id: number, vector: Float32Array): void;
  remove(id: number): void;
  /** The nearest first. */
  search(vector: Float32Array, count: number): readonly { readonly id: number; readonly cosine: number }[];
}

/** A few vectors, compared one by one: exact, and without what a graph costs when it is empty (60 KB, measured). */
export class FlatVectors implements VectorList {
  private readonly vectors = new Map<number, Float32Array>();

  get size(): number {
    return this.vectors.size;
  }

  add(id: number, vector: Float32Array): void {
    this.vectors.set(id, vector);
  }

  remove(id: number): void {
    this.vectors.delete(id);
  }

  search(vector: Float32Array, count: number): { id: number; cosine: number }[] {
    const all = Array.from(this.vectors, ([id, each]) => ({ id, cosine: dot(vector, each) }));
    return all.toSorted((a, b) => b.cosine - a.cosine).slice(0, count);
  }

  entries(): Iterable<readonly [number, Float32Array]> {
    return this.vectors;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
