import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endWithin } from './drained.ts';

const server = createServer();

afterEach(() => server.close());

/** A response behind one that was never answered, after their connection has gone: it never had a socket. */
async function abandoned(): Promise<ServerResponse> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const responses: ServerResponse[] = [];
  server.on('request', (_, response) => responses.push(response));
  const address = server.address();
  const client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await vi.waitFor(() => expect(responses).toHaveLength(2));
  client.destroy();
  const [, second] = responses;
  if (second === undefined) throw new Error('there is no second response');
  await vi.waitFor(() => expect(second.destroyed).toBe(true));
  return second;
}

describe('endWithin', () => {
  it('does not watch a response whose client has gone', async () => {
    const response = await abandoned();
    const destroy = vi.spyOn(response, 'destroy');
    endWithin(response, 0, Buffer.from('late'));
    // Three looks of the watch.
    await pause(350);
    expect(destroy).not.toHaveBeenCalled();
  });
});
