import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_MS = 100;
/** How long a new connection may take to bring its first request before a drain closes it. */
const FIRST_REQUEST_MS = 1_000;

/** Whether this process still takes new work. */
export class Lifecycle {
  private drainingSince: number | undefined;
  /** Connections that have not brought a request yet, and since when: Node does not count them as idle. */
  private readonly unused = new Map<Socket, number>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** True from the moment the process was told to end. */
  get draining(): boolean {
    return this.drainingSince !== undefined;
  }

  /** Follows a server's connections; before it listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.unused.set(socket, this.nowMs());
      socket.once('close', () => this.unused.delete(socket));
    });
    server.on('request', (request) => this.unused.delete(request.socket));
  }

  /**
   * Stops taking connections and waits until what is in flight is done, at most `graceMs`. Resolves true when nothing
   * had to be cut off. Connections that are kept alive are closed as they fall idle.
   */
  async drain(server: Server, graceMs: number): Promise<boolean> {
    this.drainingSince ??= this.nowMs();
    const closed = new Promise<true>((resolve) => server.close(() => resolve(true)));
    this.sweep(server);
    const sweeping = setInterval(() => this.sweep(server), SWEEP_MS);
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

  private sweep(server: Server): void {
    server.closeIdleConnections();
    for (const [socket, since] of this.unused) {
      if (this.nowMs() - since >= FIRST_REQUEST_MS) socket.destroy();
    }
  }
}
