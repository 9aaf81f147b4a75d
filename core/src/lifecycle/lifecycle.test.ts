import { createServer, request, Agent } from 'node:http';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Lifecycle } from './lifecycle.ts';

describe('Lifecycle', () => {
  it('is draining from the moment it is told, and closes connections once what they wait for is done and they are idle', async () => {
    let now = 0;
    const lifecycle = new Lifecycle(() => now);
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const server = createServer((_request, response) => {
      arrived.resolve();
      void gate.promise.then(() => response.end('done'));
    });
    lifecycle.watch(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const agent = new Agent({ keepAlive: true });
    const call = request({ port, host: '127.0.0.1', agent });
    const response = once(call, 'response');
    call.end();
    await arrived.promise;

    expect(lifecycle.draining).toBe(false);
    const drained = lifecycle.drain(server, 10_000);
    expect(lifecycle.draining).toBe(true);
    gate.resolve();
    await response;
    now = 60_000;
    expect(await drained).toBe(true);
    agent.destroy();
  });

  it('closes connections that never brought a request, once they had their time to', async () => {
    const server = createServer(() => undefined);
    let now = 0;
    const lifecycle = new Lifecycle(() => now);
    lifecycle.watch(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const socket = createConnection({
      host: '127.0.0.1',
      port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    });
    await once(server, 'connection');
    now = 1_000;
    expect(await lifecycle.drain(server, 10_000)).toBe(true);
    socket.destroy();
  });

  it('cuts off what outlasts its grace, and says so', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const call = request({ port, host: '127.0.0.1' });
    const broken = once(call, 'error');
    call.end();
    await once(server, 'request');
    expect(await new Lifecycle().drain(server, 10)).toBe(false);
    await broken;
  });
});
