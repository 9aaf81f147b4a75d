import type { KeyPool, RestingKey } from './key-pool.ts';
import type { KeyRests } from './key-rests.port.ts';

type Resting = Pick<RestingKey, 'why' | 'restMs'>;

/** The pools of the providers that have several keys, by the provider's name. */
export class KeyPools {
  constructor(
    private readonly pools: ReadonlyMap<string, KeyPool>,
    private readonly rests: KeyRests,
  ) {}

  get isEmpty(): boolean {
    return this.pools.size === 0;
  }

  poolOf(provider: string): KeyPool | undefined {
    return this.pools.get(provider);
  }

  /** Begins to hear what other processes were told. */
  start(): void {
    if (this.isEmpty) return;
    const pools = [...this.pools.values()];
    this.rests.listen(
      pools.flatMap(({ ids }) => ids),
      (rest) => {
        for (const pool of pools) pool.heard(rest);
      },
    );
  }

  /** For `/readyz`, which asks for no key: how many keys are left, and why the others rest. Which they are is in the log. */
  health(): readonly { readonly provider: string; readonly ready: number; readonly resting: readonly Resting[] }[] {
    return [...this.pools].map(([provider, pool]) => ({
      provider,
      ready: pool.ready,
      resting: pool.resting().map(({ why, restMs }) => ({ why, restMs })),
    }));
  }

  close(): Promise<void> {
    return this.rests.close();
  }
}
