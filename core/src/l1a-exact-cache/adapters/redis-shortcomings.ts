/** What a Redis that answers does not do, and since when. */
export interface Shortcoming {
  readonly sinceUnixMs: number;
  readonly detail: string;
}

/** Whether Redis refuses to write: it is full, a replica, or out of disk. */
export class WriteRefusals {
  private code = '';
  since: number | undefined;

  refused(code: string, unixMs: number): void {
    this.code = code;
    this.since ??= unixMs;
  }

  taken(): void {
    this.since = undefined;
  }

  get shortcoming(): Shortcoming | undefined {
    return this.since === undefined
      ? undefined
      : { sinceUnixMs: this.since, detail: `writes are refused (${this.code})` };
  }
}

/** Tenants come from configuration; the bound only keeps a mistake from growing without end. */
const MAX_TENANTS = 10_000;

/** Tenants whose record is older than one already seen. Nothing of theirs is served or stored until a purge. */
export class OutdatedRecords {
  private readonly tenants = new Set<string>();
  private since = 0;

  note(tenant: string, outdated: boolean, unixMs: number): void {
    if (!outdated) this.tenants.delete(tenant);
    else if (this.tenants.size < MAX_TENANTS) {
      if (this.tenants.size === 0) this.since = unixMs;
      this.tenants.add(tenant);
    }
  }

  get shortcoming(): Shortcoming | undefined {
    const { size } = this.tenants;
    if (size === 0) return undefined;
    const detail = `${size} tenant record(s) are older than ones seen before: purge after restoring a snapshot`;
    return { sinceUnixMs: this.since, detail };
  }
}
