import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { spawn } from 'node:child_process';
import { findPackageJSON } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { REST_TOKEN } from './rest-token.ts';

/** How a door to Redis behaves: as it should, never answering, or answering errors. */
export type DoorMode = 'open' | 'silent' | 'error';

/**
 * An Upstash-compatible REST server over a real Redis, with any number of doors: `<url>/<door>` is a base URL of its own,
 * that can be shut (`PUT /__mode/<door>`) and that counts its round trips (`GET /__count/<door>`). Values are written by
 * the client that the core uses (`PUT /__value/<key>?pxat=<unix ms>`).
 */
export async function startRedisRest(redisUrl: string): Promise<{ url: string; stop: () => void }> {
  const rest = await startRestServer(redisUrl);
  const writer = new Redis(redisUrl);
  const modes = new Map<string, DoorMode>();
  const counts = new Map<string, number>();
  const app = new Hono();
  app.put('/__mode/:door', async (c) => {
    modes.set(c.req.param('door'), (await c.req.text()) as DoorMode);
    return c.text('ok');
  });
  app.put('/__value/:key', async (c) => {
    const value = Buffer.from(await c.req.arrayBuffer());
    await writer.set(c.req.param('key'), value, 'PXAT', Number(c.req.query('pxat')));
    return c.text('ok');
  });
  app.delete('/__value/:key', async (c) => c.text(String(await writer.del(c.req.param('key')))));
  app.get('/__count/:door', (c) => c.text(String(counts.get(c.req.param('door')) ?? 0)));
  app.post('/:door/*', async (c) => {
    const door = c.req.param('door');
    counts.set(door, (counts.get(door) ?? 0) + 1);
    const mode = modes.get(door) ?? 'open';
    if (mode === 'silent') return new Promise<Response>(() => undefined);
    if (mode === 'error') return c.json({ error: 'ERR no' }, 500);
    const path = new URL(c.req.url).pathname.slice(door.length + 1);
    const { headers } = c.req.raw;
    return fetch(`${rest.url}${path}`, { method: 'POST', headers, body: await c.req.text() });
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    server.close();
    writer.disconnect();
    rest.stop();
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** The development server as a process of its own: in ours, its Redis connection could not be closed. */
async function startRestServer(redisUrl: string): Promise<{ url: string; stop: () => void }> {
  const manifest = findPackageJSON('@humanwhocodes/upstash-redis-server', import.meta.url);
  if (manifest === undefined) throw new Error('the Redis REST server is not installed: run npm install');
  const script = join(dirname(manifest), 'dist', 'server.js');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: String(port), URS_TOKEN: REST_TOKEN, REDIS_URL: redisUrl },
    stdio: 'ignore',
  });
  const stop = (): void => void server.kill('SIGKILL');
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop();
  throw new Error('the Redis REST server did not start');
}
