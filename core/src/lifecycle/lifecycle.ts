import { Server as NetServer, type Socket } from 'node:net';
import type { Server } from 'node:http';

const SWEEP_MS = 100;
/**
 * How long a connection must have been idle (or have been without a first request) before a drain closes it: one that
 * was answered a moment ago may bring its next request at this very moment.
 */
const IDLE_MS = 1_000;

/** Whether this process still takes new work. */
export class Lifecycle {
  private drainingSince: number | undefined;
  /** Since when each open connection is idle; undefined while it is answered. */
  private readonly idleSince = new Map<Socket, number | undefined>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** True from the moment the process was told to end. */
  get draining(): boolean {
    return this.drainingSince !== undefined;
  }

  /** Follows a server's connections; before it listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.idleSince.set(socket, this.nowMs());
      socket.once('close', () => this.idleSince.delete(socket));
    });
    server.on('request', ({ socket }, response) => {
      this.idleSince.set(socket, undefined);
      response.once('close', () => {
        if (this.idleSince.has(socket)) this.idleSince.set(socket, this.nowMs());
      });
    });
  }

  /**
   * Stops taking connections and waits until what is in flight is done, at most `graceMs`. Resolves true when nothing
   * had to be cut off. Kept-alive connections are closed once they have been idle for a while; what is answered
   * meanwhile says `connection: close`.
   */
  async drain(server: Server, graceMs: number): Promise<boolean> {
    this.drainingSince ??= this.nowMs();
    // The HTTP server's own close would cut every idle connection at once, under requests that are on their way.
    const closed = new Promise<true>((resolve) => NetServer.prototype.close.call(server, () => resolve(true)));
    this.sweep();
    const sweeping = setInterval(() => this.sweep(), SWEEP_MS);
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), graceMs);
    });
    const complete = await Promise.race([closed, expired]);
    clearInterval(sweeping);
    clearTimeout(timer);
    if (!complete) server.closeAllConnections();
    return complete;
  }

  private sweep(): void {
    for (const [socket, since] of this.idleSince) {
      if (since !== undefined && this.nowMs() - since >= IDLE_MS) socket.destroy();
    }
  }
}
