/** How long a core that failed is tried last, in milliseconds. */
const AVOIDED_MS = 5_000;

/** How the cores did when they were last asked: plain values, one per configured core. */
export class CoreHealth {
  readonly #failedAt = new Map<string, number>();
  readonly #answeredAt = new Map<string, number>();

  constructor(
    readonly urls: readonly string[],
    private readonly now: () => number,
  ) {}

  /** The cores in the configured order, those that failed within the last seconds behind the others. */
  inOrder(): string[] {
    const avoided = this.urls.filter((url) => this.#within(this.#failedAt, url));
    return [...this.urls.filter((url) => !avoided.includes(url)), ...avoided];
  }

  /** Whether a core answered within the last seconds and has not failed since. */
  isKnownGood(url: string): boolean {
    return this.#within(this.#answeredAt, url) && !this.#within(this.#failedAt, url);
  }

  answered(url: string): void {
    this.#failedAt.delete(url);
    this.#answeredAt.set(url, this.now());
  }

  failed(url: string): void {
    this.#failedAt.set(url, this.now());
  }

  /** For `/readyz`: `failing` when every core failed when last asked. */
  get state(): 'unused' | 'ok' | 'failing' {
    if (this.#failedAt.size === this.urls.length) return 'failing';
    return this.#answeredAt.size + this.#failedAt.size > 0 ? 'ok' : 'unused';
  }

  #within(times: ReadonlyMap<string, number>, url: string): boolean {
    const at = times.get(url);
    return at !== undefined && Math.abs(this.now() - at) < AVOIDED_MS;
  }
}
