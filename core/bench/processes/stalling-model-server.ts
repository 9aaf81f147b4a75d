// A model server that is well by its own word and never answers every other request: its breaker stays closed, so that
// what a request waits for it at most is its share of the time.
import { createServer } from 'node:http';
import { ANSWER, MODELS } from './constant-answer.ts';
import { reportPort } from './report-port.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
let asked = 0;

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'GET') response.writeHead(200, JSON_TYPE).end(MODELS);
    else if (asked++ % 2 === 0) response.writeHead(200, JSON_TYPE).end(ANSWER);
  });
});
await reportPort(server);
