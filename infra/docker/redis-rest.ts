// Upstash's REST protocol in front of a Redis, as a container: the self-hosted edge reads Redis through it, as the edge of
// `npm start` does. Who has the token can do everything with that Redis, so this belongs on a network of its own.
import { createServer, type Server } from 'node:http';
import type { Environment } from '../local/src/stack/environment.ts';
import { Fault } from '../local/src/stack/fault.ts';
import { createUpstashServer } from '../local/src/stack/upstash-server.ts';
import { secretOf } from '../local/src/stack/worker-environment.ts';

const PORT = 8079;

try {
  const { token, redisUrl, port } = readSettings(process.env);
  const server = withHealth(createUpstashServer({ token, redisUrl }));
  server.on('error', (error) => fail(`cannot listen on port ${port}: ${error.message}`));
  server.listen(port, () => console.log(`isartor: the Redis REST server listens on port ${port}`));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  fail(error.message);
}

/** The names of the core's and the Worker's settings; PORT for tests. @throws Fault */
function readSettings(env: Environment): { token: string; redisUrl: string; port: number } {
  const token = secretOf(env, 'UPSTASH_REDIS_REST_TOKEN');
  if (!token) throw new Fault('UPSTASH_REDIS_REST_TOKEN (or UPSTASH_REDIS_REST_TOKEN_FILE) is not set');
  const redisUrl = URL.parse(secretOf(env, 'ISARTOR__REDIS_URL') ?? '');
  if (redisUrl === null) throw new Fault('ISARTOR__REDIS_URL is not set to an address such as redis://redis:6379');
  const { ISARTOR__REDIS_DB: db, PORT: port } = env;
  if (db) redisUrl.pathname = `/${db}`;
  return { token, redisUrl: redisUrl.href, port: Number(port || PORT) };
}

/** `GET /healthz` without a token: the process runs; Redis is not asked. */
function withHealth(upstash: Server): Server {
  return createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/healthz') response.end('ok');
    else upstash.emit('request', request, response);
  });
}

function fail(message: string): never {
  console.error(`isartor: ${message}`);
  process.exit(1);
}
