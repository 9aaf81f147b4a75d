// What a miss cannot cost less than in Node: Fastify parses the body, undici sends it on, the answer is piped back.
import Fastify from 'fastify';
import { Pool } from 'undici';
import { sayPort } from './report-port.ts';

const pool = new Pool(process.env['UPSTREAM_URL'] ?? '', { connections: 128, pipelining: 1 });
const app = Fastify({ logger: false, bodyLimit: 10 * 1024 * 1024 });
app.post('/v1/chat/completions', async (request, reply) => {
  const abort = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) abort.abort();
  });
  const answer = await pool.request({
    path: '/v1/chat/completions',
    method: 'POST',
    signal: abort.signal,
    headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
    body: JSON.stringify(request.body),
  });
  reply.code(answer.statusCode).header('content-type', answer.headers['content-type']);
  return reply.send(answer.body);
});
await app.listen({ host: '127.0.0.1', port: 0 });
sayPort(app.server.address());
