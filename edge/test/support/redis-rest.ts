import { isJsonArray, isJsonObject, parseJson } from '@isartor/shared';
import type { JsonValue } from '@isartor/shared';
import { serve } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { spawn } from 'node:child_process';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';
import { portOf } from './port-of.ts';
import { REST_TOKEN } from './rest-token.ts';

/** How long a slow door takes, in milliseconds. */
const SLOW_MS = 250;

/** How a door to Redis behaves: as it should, only slowly, not until it has another mode, never answering, answering errors, or hanging up. */
const DOOR_MODES = ['open', 'slow', 'held', 'silent', 'error', 'reset'] as const;
type DoorMode = (typeof DOOR_MODES)[number];

/** One door, its round trips, and who waits at it. */
class Door {
  mode: DoorMode = 'open';
  count = 0;
  #changed = Promise.withResolvers<void>();
  /** Told when somebody who waited has gone. */
  readonly left = Promise.withResolvers<void>();

  become(mode: DoorMode): void {
    this.mode = mode;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async letThrough(): Promise<void> {
    while (this.mode === 'held') await this.#changed.promise;
  }
}

/**
 * An Upstash-compatible REST server over a real Redis, with any number of doors: `<url>/<door>` is a base URL of its own,
 * that can be shut (`PUT /__mode/<door>`), counts its round trips (`GET /__count/<door>`) and tells when somebody went
 * away unanswered (`GET /__left/<door>`). Values are written by
 * the client that the core uses (`PUT /__value/<key>?pxat=<unix ms>`).
 */
export async function startRedisRest(redisUrl: string): Promise<{ url: string; stop: () => void }> {
  const rest = await startRestServer(redisUrl);
  const writer = new Redis(redisUrl);
  const doors = new Map<string, Door>();
  const doorOf = (name: string): Door => {
    const door = doors.get(name) ?? new Door();
    doors.set(name, door);
    return door;
  };
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.put('/__mode/:door', async (c) => {
    const asked = await c.req.text();
    const mode = DOOR_MODES.find((known) => known === asked);
    if (mode === undefined) return c.text('there is no such mode', 400);
    doorOf(c.req.param('door')).become(mode);
    return c.text('ok');
  });
  app.put('/__value/:key', async (c) => {
    const value = Buffer.from(await c.req.arrayBuffer());
    await writer.set(c.req.param('key'), value, 'PXAT', Number(c.req.query('pxat')));
    return c.text('ok');
  });
  app.delete('/__value/:key', async (c) => c.text(String(await writer.del(c.req.param('key')))));
  app.get('/__count/:door', (c) => c.text(String(doorOf(c.req.param('door')).count)));
  app.get('/__left/:door', async (c) => {
    await doorOf(c.req.param('door')).left.promise;
    return c.text('ok');
  });
  app.post('/:door/*', async (c) => {
    const name = c.req.param('door');
    const door = doorOf(name);
    door.count += 1;
    const { outgoing } = c.env;
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) door.left.resolve();
    });
    const body = await c.req.text();
    await door.letThrough();
    const { mode } = door;
    if (mode === 'silent') return new Promise<Response>(() => undefined);
    if (mode === 'reset') c.env.incoming.socket.destroy();
    if (mode === 'error') return c.json({ error: 'ERR no' }, 500);
    if (mode === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    const path = new URL(c.req.url).pathname.slice(name.length + 1);
    const { headers } = c.req.raw;
    const answer = await fetch(`${rest.url}${path}`, { method: 'POST', headers, body });
    return headers.get('upstash-encoding') === 'base64' ? c.json(encoded(parseJson(await answer.text()))) : answer;
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const stop = (): void => {
    server.close();
    writer.disconnect();
    rest.stop();
  };
  return { url: `http://127.0.0.1:${portOf(server.address())}`, stop };
}

/** What Upstash does where it is asked to and the development server does not: every text of a result in base64. */
function encoded(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(encoded);
  if (!isJsonObject(value)) return value;
  const { result } = value;
  return typeof result === 'string' ? { ...value, result: Buffer.from(result).toString('base64') } : value;
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
  process.once('exit', stop);
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
