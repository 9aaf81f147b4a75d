import type { FastifyReply } from 'fastify';
import { exchangeOf } from './exchange.ts';
import { commonHeaders } from './response-headers.ts';

/** Sends a JSON document of our own. */
export function sendJson(reply: FastifyReply, status: number, body: unknown): void {
  void reply
    .code(status)
    .headers(commonHeaders(exchangeOf(reply)))
    .type('application/json')
    .send(JSON.stringify(body));
}
