import { Inject, Injectable } from '@nestjs/common';
import { Log, type Logger } from '../telemetry/log.ts';
import { AUTO_MODEL } from '../upstream/prepare-call.ts';
import { Providers, type Provider } from './provider.port.ts';
import { ModelRoutes } from './routes/model-routes.ts';

/** How long a provider's list is trusted, and how long it may take to get. */
const KEPT_MS = 60_000;
const DEADLINE_MS = 5_000;
/** Before a provider that did not answer is asked again. */
const PAUSE_MS = 5_000;
/** More names than any provider serves. */
const MAX_NAMES = 10_000;

/** Of whom models are listed: the first provider of each API; the others stand in for it, under the same names. */
interface Lister {
  readonly provider: Provider;
  listed: readonly string[];
}

/**
 * The models that can be asked for: the routes' names, the providers' own, the choice left to Isartor, and what they say they serve. Not the
 * small model's: the cloud could not stand in for it where it may not or does not answer.
 */
@Injectable()
export class ModelCatalogue {
  private nextAt = Number.NEGATIVE_INFINITY;
  private refreshing: Promise<void> | undefined;
  private readonly listers: readonly Lister[];

  constructor(
    @Inject(Providers) providers: readonly Provider[],
    @Inject(Log) private readonly log: Logger,
    @Inject(ModelRoutes) private readonly routes: ModelRoutes,
  ) {
    if (providers.length === 0) throw new TypeError('There is no provider.');
    this.listers = providers
      .filter(({ dialect }, index) => providers.findIndex((provider) => provider.dialect === dialect) === index)
      .map((provider) => ({ provider, listed: [] }));
  }

  /** Names, sorted and without doubles, and the provider of each. One that does not answer leaves its last list known. */
  async models(): Promise<ReadonlyMap<string, string>> {
    if (performance.now() >= this.nextAt)
      await (this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined)));
    const owners = new Map<string, string>(this.routes.aliases);
    for (const { provider, listed } of this.listers) {
      for (const name of [AUTO_MODEL, provider.defaultModel, ...listed]) {
        if (!owners.has(name)) owners.set(name, provider.name);
      }
    }
    return new Map([...owners].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  private async refresh(): Promise<void> {
    const answered = await Promise.all(this.listers.map((lister) => this.list(lister)));
    this.nextAt = performance.now() + (answered.every(Boolean) ? KEPT_MS : PAUSE_MS);
  }

  private async list(lister: Lister): Promise<boolean> {
    const { provider } = lister;
    try {
      lister.listed = (await provider.listModels(AbortSignal.timeout(DEADLINE_MS))).slice(0, MAX_NAMES);
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.log.warn({ provider: provider.name, reason }, 'models not listed');
      return false;
    }
  }
}
