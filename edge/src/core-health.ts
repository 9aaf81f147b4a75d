/** How long a core that failed is tried last, in milliseconds. */
const AVOIDED_MS = 5_000;

/** How a core was when it was last asked; `unused` before that. */
type CoreState = 'unused' | 'ok' | 'failing';

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

  /** For `/readyz`: each core in the configured order as it was when last asked, and all of them in a word. */
  get report(): { readonly state: CoreState | 'degraded'; readonly cores: readonly CoreState[] } {
    const cores = this.urls.map((url) => this.#stateOf(url));
    const failing = cores.filter((state) => state === 'failing').length;
    if (failing > 0) return { state: failing === cores.length ? 'failing' : 'degraded', cores };
    return { state: cores.includes('ok') ? 'ok' : 'unused', cores };
  }

  #stateOf(url: string): CoreState {
    if (this.#failedAt.has(url)) return 'failing';
    return this.#answeredAt.has(url) ? 'ok' : 'unused';
  }

  #within(times: ReadonlyMap<string, number>, url: string): boolean {
    const at = times.get(url);
    return at !== undefined && Math.abs(this.now() - at) < AVOIDED_MS;
  }
}
