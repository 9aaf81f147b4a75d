import type { Server } from 'node:http';

/** Whether this process still takes new work. */
export class Lifecycle {
  private drainingSince: number | undefined;

  /** True from the moment the process was told to end. */
  get draining(): boolean {
    return this.drainingSince !== undefined;
  }

  /**
   * Stops taking connections and waits until what is in flight is done, at most `graceMs`. Resolves true when nothing
   * had to be cut off. Connections that are kept alive are closed as they fall idle.
   */
  async drain(server: Server, graceMs: number): Promise<boolean> {
    this.drainingSince ??= Date.now();
    const closed = new Promise<true>((resolve) => server.close(() => resolve(true)));
    server.closeIdleConnections();
    const idleSweep = setInterval(() => server.closeIdleConnections(), 100);
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), graceMs);
    });
    const complete = await Promise.race([closed, expired]);
    clearInterval(idleSweep);
    clearTimeout(timer);
    if (!complete) server.closeAllConnections();
    return complete;
  }
}
