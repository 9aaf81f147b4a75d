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
import type { AdminGate } from '../admin/admin-gate.ts';
import { matchAdminRoute } from '../admin/admin-route.ts';
import type { Authenticator } from '../l0-auth/authenticator.ts';
import { exchangeOf, headerReader, openExchange, type Exchange } from './exchange.ts';
import type { Tracer } from '../telemetry/tracer.port.ts';
import { InflightBudget, type InflightLease } from '../inflight/inflight-budget.ts';
import { bodyTooLarge, readBody, type BodyLimits } from './read-body.ts';

/** What admits requests: who may call, how much may be in flight, how long a body may be. */
export interface AdmissionDeps {
  readonly authenticator: Authenticator;
  readonly budget: InflightBudget;
  readonly limits: BodyLimits;
  readonly tracer: Tracer;
  /** Undefined: the cache is not administered here, and its routes do not exist. */
  readonly adminGate?: AdminGate | undefined;
}

/** Of most requests, and never written to. */
const NO_QUERY = new URLSearchParams();
/** In place of a tenant's id, which has no colon. */
const ADMIN = ':admin';
const ADMIN_BOUNDS = { maxRequests: 32, maxBytes: 128 * 1024 };
/** The most that a request to the gateway itself may have to say. */
const OWN_BODY_BYTES = 4 * 1024;
/** Most hits that the edge tells of at once, and their names. */
const HITS_BYTES = 256 * 1024;
const EDGE = ':edge';
const HITS_BOUNDS = { maxRequests: 64, maxBytes: 8 * 1024 * 1024 };

/** Takes in the head and the body of every request, or refuses it. */
export class Admission {
  /** Of its own: the kill switch must work on a core that is overloaded. */
  private readonly adminBudget = new InflightBudget(ADMIN_BOUNDS);
  /** Likewise: what edges tell must not keep an administrator out. */
  private readonly hitsBudget = new InflightBudget(HITS_BOUNDS);

  constructor(private readonly deps: AdmissionDeps) {}

  /** Reads the head and opens the exchange. Throws nothing: even a refused request has an exchange to answer in. */
  open(request: FastifyRequest): Exchange {
    const [path, search] = splitUrl(request.raw.url ?? '');
    const header = headerReader(request.raw.headers);
    const startedAt = performance.now();
    const exchange: Exchange = {
      id: requestIdFrom(header(HEADER.requestId)),
      dialect: dialectOfPath(path),
      path,
      query: search === '' ? NO_QUERY : new URLSearchParams(search),
      header,
      receivedAt: Date.now(),
      startedAt,
      trail: { timings: [], faults: [] },
      span: this.deps.tracer.begin(header, startedAt),
      principal: undefined,
      fromEdge: false,
      bodyBytes: this.deps.limits.bodyBytes,
      lease: undefined,
      target: undefined,
    };
    openExchange(request, exchange);
    return exchange;
  }

  /** Decides by the head alone whether the request may go on; throws GatewayError where not. */
  admit(request: FastifyRequest, reply: FastifyReply): void {
    const exchange = exchangeOf(request);
    if (this.admitAdmin(request, reply, exchange)) return;
    const route = matchRoute(request.method, exchange.path);
    if (route.kind === 'usage' && this.deps.adminGate?.opensFor(exchange.header) === true) {
      this.lendAsAdmin(reply, exchange);
      return;
    }
    refuseUnknown(route, request.method, exchange.path);
    if (route.kind === 'health' || route.kind === 'ready') return;

    const { authenticator, budget } = this.deps;
    exchange.fromEdge = authenticator.isEdge(exchange.header);
    if (route.kind === 'hits') {
      this.admitHits(reply, exchange);
      return;
    }
    exchange.principal = authenticator.authenticate(
      exchange.header,
      exchange.query.get(CREDENTIAL_QUERY) ?? undefined,
      exchange.fromEdge,
    );
    exchange.trail.timings.push({ layer: 'l0', ms: performance.now() - exchange.startedAt });
    if (route.kind === 'feedback') exchange.bodyBytes = OWN_BODY_BYTES;
    if (route.kind === 'operation') exchange.target = route.target;
    if (route.kind !== 'models' && route.kind !== 'model' && route.kind !== 'usage') this.checkHead(exchange);

    takeIn(reply, exchange, budget.admit(exchange.principal.tenant));
  }

  /** Reads the body of an admitted request. */
  async read(request: FastifyRequest): Promise<Buffer> {
    const { lease, bodyBytes } = exchangeOf(request);
    if (lease === undefined) throw new GatewayError('internal', 'A body was read before its request was admitted.');
    return readBody(request.raw, { ...this.deps.limits, bodyBytes }, lease);
  }

  /** Whether the request is for the cache's administration: then the admin key decides, and no caller's key counts. */
  private admitAdmin(request: FastifyRequest, reply: FastifyReply, exchange: Exchange): boolean {
    const { adminGate } = this.deps;
    const route = adminGate === undefined ? undefined : matchAdminRoute(request.method, exchange.path);
    if (adminGate === undefined || route === undefined) return false;
    if (route.kind === 'wrong-method') throw wrongMethod(request.method, route.allow);
    adminGate.admit(exchange.header);
    exchange.bodyBytes = OWN_BODY_BYTES;
    if (request.method === 'POST') checkContentHeaders(exchange.header);
    checkLength(exchange);
    this.lendAsAdmin(reply, exchange);
    return true;
  }

  /** The edge's own word, for which it has no caller's key but its secret. */
  private admitHits(reply: FastifyReply, exchange: Exchange): void {
    if (!exchange.fromEdge)
      throw new GatewayError('edge_only', 'Only the edge tells of its hits, by ISARTOR__EDGE_SECRET.');
    exchange.bodyBytes = HITS_BYTES;
    this.checkHead(exchange);
    takeIn(reply, exchange, this.hitsBudget.admit(EDGE));
  }

  private lendAsAdmin(reply: FastifyReply, exchange: Exchange): void {
    takeIn(reply, exchange, this.adminBudget.admit(ADMIN));
  }

  private checkHead(exchange: Exchange): void {
    checkContentHeaders(exchange.header);
    checkLength(exchange);
  }
}

function checkLength(exchange: Exchange): void {
  const declared = Number(exchange.header('content-length') ?? 0);
  if (declared > exchange.bodyBytes) throw bodyTooLarge(exchange);
}

/** Holds a request's place until its connection is free again; a client that waits to be asked for its body is. */
function takeIn(reply: FastifyReply, exchange: Exchange, lease: InflightLease): void {
  exchange.lease = lease;
  if (exchange.header('expect')?.toLowerCase() === '100-continue') reply.raw.writeContinue();
  reply.raw.once('close', () => lease.release());
}

function refuseUnknown(route: RouteMatch, method: string, path: string): void {
  if (route.kind === 'unknown') {
    throw new GatewayError('not_found', `There is no route ${method} ${path.slice(0, 200)}.`);
  }
  if (route.kind === 'wrong-method') throw wrongMethod(method, route.allow);
}

function wrongMethod(method: string, allow: readonly string[]): GatewayError {
  return new GatewayError('method_not_allowed', `This route takes ${allow.join(' or ')}, not ${method}.`, { allow });
}

function splitUrl(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
