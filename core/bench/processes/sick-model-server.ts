// A model server that is well by its own word and fails every request: what keeps it from being asked is the breaker.
import { createServer } from 'node:http';
import { MODELS } from './constant-answer.ts';
import { reportPort } from './report-port.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'GET') response.writeHead(200, JSON_TYPE).end(MODELS);
    else response.writeHead(500, JSON_TYPE).end('{"error":{"message":"out of memory"}}');
  });
});
await reportPort(server);
