import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, readCacheDirectives, readQuery, targetParameters, type Operation } from '@isartor/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ModelRoutes } from '../l3-cloud/routes/model-routes.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { Pipeline } from '../pipeline/compose-layers.ts';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { withinSpan } from '../telemetry/current-span.ts';
import type { RequestCosts } from '../usage/request-costs.ts';
import { exchangeOf, type Exchange } from './exchange.ts';
import { ClientContext } from './client-context.ts';
import { KnownBodies } from './known-bodies.ts';
import { parseBody } from './parse-body.ts';
import { RequestLog } from './request-log.ts';
import { sendAnswer, sendError, type Delivery } from './send-answer.ts';

/** What of the settings bears on every operation. */
export interface OperationSettings {
  readonly shareUsers: boolean;
  readonly sampled: boolean;
  /** How long a client may take nothing of what is sent, in ms. */
  readonly stallMs: number;
  readonly costs: RequestCosts;
  readonly routes: ModelRoutes;
}

/** Token of the settings. */
export const OperationSettings = Symbol('OperationSettings');

/** From a request whose body has been read to its answer: context, layers, response, log line. */
@Injectable()
export class OperationService {
  private readonly knownBodies = new KnownBodies();

  constructor(
    @Inject(Pipeline) private readonly pipeline: Pipeline,
    @Inject(OperationSettings) private readonly settings: OperationSettings,
    @Inject(RequestLog) private readonly requestLog: RequestLog,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
  ) {}

  async answer(operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const exchange = exchangeOf(request);
    const client = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) client.abort(new GatewayError('internal', 'The client left.'));
    });
    let context: RequestContext | undefined;
    let delivery: Delivery;
    try {
      context = this.contextOf(operation, request, exchange, client.signal);
      const answer = await this.throughLayers(exchange, context);
      delivery = await sendAnswer(reply, answer, {
        draining: this.lifecycle.draining,
        stallMs: this.settings.stallMs,
        costs: this.settings.costs,
      });
      this.requestLog.answered(exchange, context, answer, delivery);
    } catch (error) {
      delivery = client.signal.aborted ? { status: 499, outcome: 'left' } : sendError(reply, error);
      this.requestLog.failed(exchange, context, delivery, error);
    }
  }

  private throughLayers({ span }: Exchange, context: RequestContext): Promise<Answer> {
    return span.traceId === undefined ? this.pipeline(context) : withinSpan(span, () => this.pipeline(context));
  }

  private contextOf(
    operation: Operation,
    request: FastifyRequest,
    exchange: Exchange,
    signal: AbortSignal,
  ): RequestContext {
    const { principal, lease, header, target } = exchange;
    if (principal === undefined || lease === undefined) {
      throw new GatewayError('internal', 'A request reached its operation without having been admitted.');
    }
    const directives = readCacheDirectives(header);
    const query = readQuery(operation, exchange.query);
    const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const scope = {
      tenant: principal.tenant,
      operation,
      header,
      directives,
      pathParameters: { ...query.envelope, ...targetParameters(target) },
      target,
      sse: query.sse,
      shareUsers: this.settings.shareUsers,
      sampled: this.settings.sampled,
    };
    const body = parseBody(bytes, scope, lease, this.knownBodies);
    const { rawHeaders } = request.raw;
    const allowed = this.settings.routes.narrowed(principal, body.request.model);
    return new ClientContext(exchange, lease, body, allowed, operation, directives, rawHeaders, query.upstream, signal);
  }
}
