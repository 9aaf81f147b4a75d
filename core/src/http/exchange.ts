import type { Dialect, HeaderReader, PathTarget, Principal } from '@isartor/shared';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Span } from '../telemetry/tracer.port.ts';
import type { Trail } from '../pipeline/request-context.ts';
import type { InflightLease } from '../inflight/inflight-budget.ts';

/** What is known of a request from its head alone, before its body is read. */
export interface Exchange {
  readonly id: string;
  readonly dialect: Dialect;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: HeaderReader;
  readonly receivedAt: number;
  /** `performance.now()` at arrival. */
  readonly startedAt: number;
  readonly trail: Trail;
  /** Of the whole request; ended with its log line. */
  readonly span: Span;
  principal: Principal | undefined;
  fromEdge: boolean;
  /** The most bytes that its body may have. */
  bodyBytes: number;
  lease: InflightLease | undefined;
  /** What the path named, where it names the model. */
  target: PathTarget | undefined;
}

const EXCHANGE: unique symbol = Symbol('exchange');

declare module 'node:http' {
  interface IncomingMessage {
    [EXCHANGE]?: Exchange;
  }
}

/** Remembers what is known of a request. */
export function openExchange(request: FastifyRequest, exchange: Exchange): void {
  request.raw[EXCHANGE] = exchange;
}

/** What is known of a request; there is always something once its head was read. */
export function exchangeOf(message: FastifyRequest | FastifyReply): Exchange {
  const exchange = ('request' in message ? message.request : message).raw[EXCHANGE];
  if (exchange === undefined) throw new TypeError('A request was handled before its head was read.');
  return exchange;
}

/** Reads headers as the HTTP parser has them: repeated ones joined. */
export function headerReader(headers: IncomingHttpHeaders): HeaderReader {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
}
