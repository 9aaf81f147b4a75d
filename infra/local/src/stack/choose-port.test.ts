import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { choosePort } from './choose-port.ts';
import { portOf } from './port-of.ts';

const host = '127.0.0.1';
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, host);
  servers.push(server);
  await once(server, 'listening');
  return portOf(server);
}

it('leaves a free port as it is', async () => {
  const port = await takenPort();
  servers.pop()?.close();
  expect(await choosePort({ host, port }, { configuredBy: 'NAME' })).toEqual({ host, port });
});

it('moves a default port that is taken to the next free one', async () => {
  const port = await takenPort();
  const chosen = await choosePort({ host, port }, { configuredBy: undefined });
  expect(chosen.port).toBeGreaterThan(port);
});

it('passes over ports that are promised to others', async () => {
  const port = await takenPort();
  servers.pop()?.close();
  const { port: chosen } = await choosePort({ host, port }, { configuredBy: undefined, taken: new Set([port]) });
  expect(chosen).toBeGreaterThan(port);
});

it('refuses a configured port that is taken, by the name of its setting', async () => {
  const port = await takenPort();
  await expect(choosePort({ host, port }, { configuredBy: 'ISARTOR_EDGE_PORT' })).rejects.toThrow(
    /^ISARTOR_EDGE_PORT: port \d+ .* is taken/,
  );
});

it('refuses an address that is not the machine’s', async () => {
  await expect(choosePort({ host: '192.0.2.1', port: 8080 }, { configuredBy: 'NAME' })).rejects.toThrow(
    /cannot listen on 192\.0\.2\.1:8080/,
  );
});
