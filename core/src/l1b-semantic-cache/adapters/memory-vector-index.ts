import { LRUCache } from 'lru-cache';
import type { IndexedQuestion, Neighbour, Partition, VectorIndex, VectorIndexHealth } from '../vector-index.port.ts';
import { GraphVectors } from './graph-vectors.ts';
import { FlatVectors, type VectorList } from './vector-list.ts';

/** From so many on, a partition is a graph: comparing one by one would take more than a fifth of a millisecond. */
const FLAT_MAX = 128;

/** Questions of one partition and their vectors. */
interface Shelf {
  /** One text for all of them: some 200 bytes. */
  readonly key: string;
  vectors: VectorList;
  /** Ids by digest. */
  readonly ids: Map<string, number>;
}

interface Element {
  readonly shelf: Shelf;
  readonly question: IndexedQuestion;
}

/**
 * Vectors in this process's memory, bounded in number: the one that was added longest ago leaves first. What expires
 * is swept out by the second in which it does, before each search and addition.
 */
export class MemoryVectorIndex implements VectorIndex {
  readonly isUp = true;
  private readonly shelves = new Map<string, Shelf>();
  /** In the order in which they were added. */
  private readonly elements = new Map<number, Element>();
  /** Ids by the second of their expiry. */
  private readonly due = new Map<number, Set<number>>();
  private sweptUntil: number;
  private nextId = 0;
  /** Expiry by digest and epoch; made when it is needed, for its room is taken at once. */
  private notes: LRUCache<string, number> | undefined;

  private readonly maxElements: number;
  private readonly nowMs: () => number;

  constructor(maxElements: number, nowMs: () => number = Date.now) {
    this.maxElements = maxElements;
    this.nowMs = nowMs;
    this.sweptUntil = secondOf(nowMs());
  }

  /** Elements held, the expired ones of this very second among them. */
  get size(): number {
    return this.elements.size;
  }

  search(partition: Partition, vector: Float32Array, count: number): Promise<readonly Neighbour[]> {
    this.sweep();
    const found = this.shelves.get(keyOf(partition))?.vectors.search(vector, count + this.dueNow()) ?? [];
    const now = this.nowMs();
    const living = found.flatMap(({ id, cosine }) => {
      const question = this.elements.get(id)?.question;
      return question === undefined || question.expiresAt <= now
        ? []
        : [{ digest: question.digest, text: question.text, cosine }];
    });
    return Promise.resolve(living.slice(0, count));
  }

  add(partition: Partition, vector: Float32Array, question: IndexedQuestion): Promise<void> {
    this.sweep();
    const key = keyOf(partition);
    if (question.expiresAt <= this.nowMs()) return Promise.resolve();
    const before = this.shelves.get(key)?.ids.get(question.digest);
    if (before !== undefined) this.drop(before);
    for (const oldest of this.elements.keys()) {
      if (this.elements.size < this.maxElements) break;
      this.drop(oldest);
    }
    const id = this.nextId++;
    const shelf = this.shelfOf(key);
    this.elements.set(id, { shelf, question });
    shelf.ids.set(question.digest, id);
    place(shelf, id, vector);
    const second = secondOf(question.expiresAt);
    this.due.set(second, (this.due.get(second) ?? new Set()).add(id));
    return Promise.resolve();
  }

  note({ epoch }: Partition, { digest, expiresAt }: Pick<IndexedQuestion, 'digest' | 'expiresAt'>): Promise<boolean> {
    this.notes ??= new LRUCache({ max: this.maxElements });
    const key = `${digest} ${epoch}`;
    const before = this.notes.get(key) ?? 0;
    this.notes.set(key, expiresAt);
    return Promise.resolve(before > this.nowMs());
  }

  remove(partition: Partition, { digest }: Pick<IndexedQuestion, 'digest'>): Promise<void> {
    const id = this.shelves.get(keyOf(partition))?.ids.get(digest);
    if (id !== undefined) this.drop(id);
    return Promise.resolve();
  }

  health(): Promise<VectorIndexHealth> {
    return Promise.resolve({ status: 'up', detail: `memory, ${this.size} questions` });
  }

  start(): void {
    // There is nothing to reach.
  }

  close(): Promise<void> {
    this.shelves.clear();
    this.elements.clear();
    this.due.clear();
    this.notes = undefined;
    return Promise.resolve();
  }

  private shelfOf(key: string): Shelf {
    let shelf = this.shelves.get(key);
    if (shelf === undefined) {
      shelf = { key, vectors: new FlatVectors(), ids: new Map() };
      this.shelves.set(key, shelf);
    }
    return shelf;
  }

  /** Elements that may be expired though they are not swept yet: those of this second. */
  private dueNow(): number {
    return this.due.get(this.sweptUntil)?.size ?? 0;
  }

  private sweep(): void {
    const until = secondOf(this.nowMs());
    if (until === this.sweptUntil) return;
    const past = until - this.sweptUntil < this.due.size ? secondsFrom(this.sweptUntil, until) : [...this.due.keys()];
    for (const second of past) {
      if (second >= until) continue;
      for (const id of this.due.get(second) ?? []) this.drop(id);
      this.due.delete(second);
    }
    this.sweptUntil = until;
  }

  private drop(id: number): void {
    const element = this.elements.get(id);
    if (element === undefined) return;
    this.elements.delete(id);
    const { shelf, question } = element;
    const second = secondOf(question.expiresAt);
    const due = this.due.get(second);
    due?.delete(id);
    if (due?.size === 0) this.due.delete(second);
    shelf.vectors.remove(id);
    if (shelf.ids.get(question.digest) === id) shelf.ids.delete(question.digest);
    if (shelf.ids.size === 0) this.shelves.delete(shelf.key);
  }
}

function place(shelf: Shelf, id: number, vector: Float32Array): void {
  if (shelf.vectors instanceof FlatVectors && shelf.vectors.size >= FLAT_MAX) {
    const graph = new GraphVectors(vector.length);
    for (const [each, of] of shelf.vectors.entries()) graph.add(each, of);
    shelf.vectors = graph;
  }
  shelf.vectors.add(id, vector);
}

function keyOf({ tenant, scope, epoch, policy }: Partition): string {
  return `${tenant} ${scope} ${epoch} ${policy}`;
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

function secondsFrom(first: number, until: number): number[] {
  return Array.from({ length: Math.max(0, until - first) }, (_, i) => first + i);
}
