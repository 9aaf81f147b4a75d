/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Counts by labels in plain numbers: on the path of a request a count costs one look-up, where an instrument of the
 * OpenTelemetry SDK sorts and serialises its labels each time.
 */
export class Tally {
  private readonly series = new Map<string, { readonly labels: Labels; count: number }>();

  /** `key` names the series; `labels` is only asked when the series is new. */
  add(key: string, labels: () => Labels, count = 1): void {
    const known = this.series.get(key);
    if (known === undefined) this.series.set(key, { labels: labels(), count });
    else known.count += count;
  }

  /** All series so far. */
  values(): Iterable<{ readonly labels: Labels; readonly count: number }> {
    return this.series.values();
  }
}
