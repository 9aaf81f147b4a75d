import { once } from 'node:events';
import type { Server } from 'node:net';

/** Listens on a free port of the loopback, says which, and ends with the bench. */
export async function reportPort(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  sayPort(server.address());
}

/** For servers that listen by themselves. */
export function sayPort(address: ReturnType<Server['address']>): void {
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  if (address !== null && typeof address === 'object') process.send?.({ port: address.port });
}
