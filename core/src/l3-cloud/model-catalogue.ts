import { Inject, Injectable } from '@nestjs/common';
import { Log, type Logger } from '../telemetry/log.ts';
import { AUTO_MODEL } from '../upstream/prepare-call.ts';
import { Providers, type Provider } from './provider.port.ts';

/** How long a provider's list is trusted, and how long it may take to get. */
const KEPT_MS = 60_000;
const DEADLINE_MS = 5_000;
/** Before a provider that did not answer is asked again. */
const PAUSE_MS = 5_000;
/** More names than any provider serves. */
const MAX_NAMES = 10_000;

/**
 * The models that can be asked for: the configured one, the choice left to Isartor, and what the first provider says it
 * serves (the others stand in for it, under the same names).
 */
@Injectable()
export class ModelCatalogue {
  private listed: readonly string[] = [];
  private nextAt = Number.NEGATIVE_INFINITY;
  private refreshing: Promise<void> | undefined;

  private readonly provider: Provider;

  constructor(
    @Inject(Providers) providers: readonly Provider[],
    @Inject(Log) private readonly log: Logger,
  ) {
    const [first] = providers;
    if (first === undefined) throw new TypeError('There is no provider.');
    this.provider = first;
  }

  get owner(): string {
    return this.provider.name;
  }

  /** Sorted and without doubles. A provider that does not answer leaves the last list known. */
  async names(): Promise<readonly string[]> {
    if (performance.now() >= this.nextAt)
      await (this.refreshing ??= this.refresh().finally(() => (this.refreshing = undefined)));
    return [...new Set([AUTO_MODEL, this.provider.defaultModel, ...this.listed])].toSorted();
  }

  private async refresh(): Promise<void> {
    try {
      this.listed = (await this.provider.listModels(AbortSignal.timeout(DEADLINE_MS))).slice(0, MAX_NAMES);
      this.nextAt = performance.now() + KEPT_MS;
    } catch (error) {
      this.nextAt = performance.now() + PAUSE_MS;
      this.log.warn(
        { provider: this.provider.name, reason: error instanceof Error ? error.message : 'unknown' },
        'models not listed',
      );
    }
  }
}
