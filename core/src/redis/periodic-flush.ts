/**
 * Sends what has been gathered, every so often and when asked to. One send follows the other: those who ask while one
 * goes on share the next, which holds all that was gathered until then.
 */
export class PeriodicFlush {
  private sending: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly send: () => Promise<void>,
    private readonly everyMs: number,
  ) {}

  /** Throws what the send throws. */
  now(): Promise<void> {
    this.next ??= this.sending
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return (this.sending = this.send());
      });
    return this.next;
  }

  start(): void {
    this.timer = setInterval(() => void this.now().catch(() => undefined), this.everyMs);
    this.timer.unref();
  }

  /** Sends once more. Throws nothing. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.now().catch(() => undefined);
  }
}
