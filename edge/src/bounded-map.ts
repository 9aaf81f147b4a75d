/**
 * A map that forgets its oldest entry when it is full. A Worker's module state must not grow with what clients send.
 */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, Value>();

  constructor(readonly capacity: number) {}

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** Writes an entry; written again, it counts as new. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.capacity) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
