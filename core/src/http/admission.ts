import {
  checkContentHeaders,
  CREDENTIAL_QUERY,
  dialectOfPath,
  GatewayError,
  HEADER,
  matchRoute,
  requestIdFrom,
  type RouteMatch,
} from '@isartor/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../l0-auth/authenticator.ts';
import { exchangeOf, headerReader, openExchange, type Exchange } from './exchange.ts';
import type { InflightBudget } from './inflight-budget.ts';
import { bodyTooLarge, readBody, type BodyLimits } from './read-body.ts';

/** What admits requests: who may call, how much may be in flight, how long a body may be. */
export interface AdmissionDeps {
  readonly authenticator: Authenticator;
  readonly budget: InflightBudget;
  readonly limits: BodyLimits;
}

/** Takes in the head and the body of every request, or refuses it. */
export class Admission {
  constructor(private readonly deps: AdmissionDeps) {}

  /** Reads the head and opens the exchange. Throws nothing: even a refused request has an exchange to answer in. */
  open(request: FastifyRequest): Exchange {
    const [path, search] = splitUrl(request.raw.url ?? '');
    const header = headerReader(request.raw.headers);
    const exchange: Exchange = {
      id: requestIdFrom(header(HEADER.requestId)),
      dialect: dialectOfPath(path),
      path,
      query: new URLSearchParams(search),
      header,
      receivedAt: Date.now(),
      startedAt: performance.now(),
      trail: { timings: [], faults: [] },
      principal: undefined,
      fromEdge: false,
      lease: undefined,
    };
    openExchange(request, exchange);
    return exchange;
  }

  /** Decides by the head alone whether the request may go on; throws GatewayError where not. */
  admit(request: FastifyRequest, reply: FastifyReply): void {
    const exchange = exchangeOf(request);
    const route = matchRoute(request.method, exchange.path);
    refuseUnknown(route, request.method, exchange.path);
    if (route.kind === 'health' || route.kind === 'ready') return;

    const { authenticator, budget } = this.deps;
    exchange.fromEdge = authenticator.isEdge(exchange.header);
    exchange.principal = authenticator.authenticate(
      exchange.header,
      exchange.query.get(CREDENTIAL_QUERY) ?? undefined,
      exchange.fromEdge,
    );
    exchange.trail.timings.push({ layer: 'l0', ms: performance.now() - exchange.startedAt });
    if (route.kind === 'operation') this.checkHead(exchange);

    const lease = budget.admit(exchange.principal.tenant);
    exchange.lease = lease;
    reply.raw.once('close', () => lease.release());
  }

  /** Reads the body of an admitted request. */
  async read(request: FastifyRequest): Promise<Buffer> {
    const { lease } = exchangeOf(request);
    if (lease === undefined) throw new GatewayError('internal', 'A body was read before its request was admitted.');
    return readBody(request.raw, this.deps.limits, lease);
  }

  private checkHead(exchange: Exchange): void {
    checkContentHeaders(exchange.header);
    const declared = Number(exchange.header('content-length') ?? 0);
    if (declared > this.deps.limits.bodyBytes) throw bodyTooLarge(this.deps.limits);
  }
}

function refuseUnknown(route: RouteMatch, method: string, path: string): void {
  if (route.kind === 'unknown') {
    throw new GatewayError('not_found', `There is no route ${method} ${path.slice(0, 200)}.`);
  }
  if (route.kind === 'wrong-method') {
    throw new GatewayError('method_not_allowed', `This route takes ${route.allow.join(' or ')}, not ${method}.`, {
      allow: route.allow,
    });
  }
}

function splitUrl(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
