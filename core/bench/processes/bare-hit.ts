// What a cache hit cannot cost less than: Fastify parses the same body and returns the same bytes; with REDIS_URL it
// first reads the same two values (in one pipelined write, as the core does).
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { ANSWER } from './constant-answer.ts';
import { sayPort } from './report-port.ts';

const RECORD_KEY = 'bench:tenant';
const ENTRY_KEY = 'bench:entry';
const answer = Buffer.from(ANSWER);

async function readerOf(url: string): Promise<() => Promise<Buffer>> {
  const redis = new Redis(url, { enableAutoPipelining: true });
  await redis.set(RECORD_KEY, '{"epoch":"1760000000000-bench","off":[],"quarantine":[]}');
  await redis.set(ENTRY_KEY, answer);
  return async () => {
    const [, entry] = await Promise.all([redis.get(RECORD_KEY), redis.getBuffer(ENTRY_KEY)]);
    return entry ?? answer;
  };
}

const { REDIS_URL } = process.env;
const read = REDIS_URL === undefined ? undefined : await readerOf(REDIS_URL);
const app = Fastify({ logger: false, bodyLimit: 10 * 1024 * 1024 });
app.post('/v1/chat/completions', async (request, reply) => {
  if (typeof request.body !== 'object' || request.body === null || !('model' in request.body)) {
    return reply.code(400).send();
  }
  return reply.header('content-type', 'application/json').send(read === undefined ? answer : await read());
});
await app.listen({ host: '127.0.0.1', port: 0 });
sayPort(app.server.address());
