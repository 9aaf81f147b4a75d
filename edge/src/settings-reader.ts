/** Reads variables one by one and collects what is wrong with them; values never appear in a fault. */
export class SettingsReader {
  readonly faults: string[] = [];
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #faulty = new Set<string>();

  constructor(bindings: object) {
    this.#values = new Map(Object.entries(bindings));
  }

  /** Notes a fault as "NAME remedy". */
  fault(name: string, text: string): void {
    this.#faulty.add(name);
    this.faults.push(`${name} ${text}.`);
  }

  /** Whether a fault was noted for this name. */
  faulty(name: string): boolean {
    return this.#faulty.has(name);
  }

  /** The value as text; unset and empty are `undefined`. JSON variables of wrangler arrive as values and are written out. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
    return JSON.stringify(value);
  }

  /** A comma-separated list without its empty places. */
  list(name: string): string[] {
    const parts = (this.text(name) ?? '').split(',').map((part) => part.trim());
    return parts.filter((part) => part !== '');
  }

  /** One of a few words. */
  choice<const Word extends string>(name: string, words: readonly Word[], unset: Word): Word {
    const text = this.text(name);
    if (text === undefined) return unset;
    const word = words.find((candidate) => candidate === text.toLowerCase());
    if (word === undefined) this.fault(name, `must be one of ${words.join(', ')}`);
    return word ?? unset;
  }

  /** `true` or `false`. */
  flag(name: string, unset: boolean): boolean {
    return this.choice(name, ['true', 'false'], unset ? 'true' : 'false') === 'true';
  }

  /** A number from 0 to 1. */
  share(name: string, unset: number): number {
    const text = this.text(name);
    if (text === undefined) return unset;
    const value = /^\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 0 && value <= 1) return value;
    this.fault(name, 'must be a number from 0 to 1');
    return unset;
  }

  /** A whole number within bounds. */
  integer(name: string, bounds: { readonly min: number; readonly max: number; readonly unset: number }): number {
    const text = this.text(name);
    if (text === undefined) return bounds.unset;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= bounds.min && value <= bounds.max) return value;
    this.fault(name, `must be a whole number from ${bounds.min} to ${bounds.max}`);
    return bounds.unset;
  }
}
