import { answersInList, errorBody, errorHeaders, HEADER, type GatewayError, type JsonValue } from '@isartor/shared';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestCosts } from '../usage/request-costs.ts';
import { asGatewayError } from './as-gateway-error.ts';
import { drained, endWithin } from './drained.ts';
import { dropBody, unreadBody } from './drop-body.ts';
import { exchangeOf, type Exchange } from './exchange.ts';
import { answerHeaders, commonHeaders } from './response-headers.ts';
import { writeEvents } from './write-events.ts';

/** What became of an answer on its way out, for the log. */
export interface Delivery {
  readonly status: number;
  readonly outcome: 'complete' | 'left' | 'broken';
  readonly error?: unknown;
}

/** How answers are sent. */
export interface SendOptions {
  /** The process is ending: this is the connection's last answer. */
  readonly draining: boolean;
  /** How long a client may take nothing of what is sent, in ms. */
  readonly stallMs: number;
  /** Reckons `x-isartor-cost`. */
  readonly costs: RequestCosts;
}

const CLOSE = { connection: 'close' } as const;

/** Sends an answer to the client. Never throws: what breaks after the headers are out ends the stream with an error event. */
export async function sendAnswer(reply: FastifyReply, answer: Answer, options: SendOptions): Promise<Delivery> {
  const exchange = exchangeOf(reply);
  const { draining, stallMs } = options;
  const headers = {
    ...presetHeaders(reply),
    ...answerHeaders(exchange, answer, options.costs),
    ...(draining ? CLOSE : {}),
  };
  reply.hijack();
  const response = reply.raw;
  const { status, body } = answer;
  switch (body.kind) {
    case 'bytes':
      endWithin(
        response.writeHead(status, { ...headers, 'content-length': body.bytes.byteLength }),
        stallMs,
        body.bytes,
      );
      return { status, outcome: 'complete' };
    case 'parts':
      response.writeHead(status, headers);
      return { status, ...(await writeParts(response, body.parts, stallMs)) };
    case 'events': {
      response.writeHead(status, headers).flushHeaders();
      const hidesUsage = answer.hidesUsage === true;
      return {
        status,
        ...(await writeEvents(response, body.events, { dialect: exchange.dialect, hidesUsage, stallMs })),
      };
    }
    default:
      return body satisfies never;
  }
}

/** Sends an error in the client's dialect. Quiet once headers are out. */
export function sendError(reply: FastifyReply, thrown: unknown): Delivery {
  const error = asGatewayError(thrown);
  const exchange = exchangeOf(reply);
  const response = reply.raw;
  if (response.headersSent) {
    response.destroy();
    return { status: response.statusCode, outcome: 'broken', error: thrown };
  }
  const body = Buffer.from(JSON.stringify(bodyOf(error, exchange)));
  const request = reply.request.raw;
  // A body that came too slowly is not waited for any longer.
  const unread = unreadBody(request) === 'some' && error.code === 'request_timeout' ? 'too-much' : unreadBody(request);
  const headers = {
    ...presetHeaders(reply),
    ...commonHeaders(exchange),
    ...errorHeaders(error),
    ...(layerOf(error) === undefined ? {} : { [HEADER.layer]: layerOf(error), [HEADER.deflected]: 'false' }),
    'content-length': body.byteLength,
    ...(unread === 'too-much' ? CLOSE : {}),
  };
  reply.hijack();
  response.writeHead(error.status, headers);
  if (unread === 'some') {
    exchange.lease?.release();
    // The client has its whole answer now. Ending it here would let Node close a connection that is not to be kept.
    response.write(body);
    dropBody(request, () => response.end());
  } else {
    response.end(body);
  }
  return { status: error.status, outcome: 'complete', error: thrown };
}

function bodyOf(error: GatewayError, { dialect, path, query }: Exchange): JsonValue {
  const body = errorBody(dialect, error);
  return answersInList(path, query) ? [body] : body;
}

/** The layer that a request ended in: L0 refuses callers, L3 tells what became of the provider. */
function layerOf(error: GatewayError): 'l0' | 'l3' | undefined {
  if (error.fault === 'upstream') return 'l3';
  return [401, 403, 429].includes(error.status) ? 'l0' : undefined;
}

/** Headers that hooks have put on the reply (CORS). */
function presetHeaders(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  const preset = reply.getHeaders();
  for (const name in preset) headers[name] = String(preset[name]);
  return headers;
}

async function writeParts(
  response: ServerResponse,
  parts: AsyncIterable<Uint8Array>,
  stallMs: number,
): Promise<Omit<Delivery, 'status'>> {
  try {
    for await (const part of parts) {
      if (response.destroyed) return { outcome: 'left' };
      if (!response.write(part) && !(await drained(response, stallMs))) return { outcome: 'left' };
    }
    endWithin(response, stallMs);
    return { outcome: 'complete' };
  } catch (error) {
    // The length was promised to nobody (chunked): only a broken connection can say that the body is not whole.
    response.destroy();
    return { outcome: 'broken', error };
  }
}
