import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, type LayerName } from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { Audit } from '../telemetry/audit.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { Metrics, readCacheEvent, type RequestOutcome } from '../telemetry/metrics.port.ts';
import { asGatewayError } from './as-gateway-error.ts';
import { endTrace, isDeflected } from './end-trace.ts';
import type { Exchange } from './exchange.ts';
import type { Delivery } from './send-answer.ts';

/** A path is the caller's, and may be as long as a header. */
const MAX_PATH = 128;

/** One line and one set of figures per request: where it went and how long it took, and nothing that anybody wrote. */
@Injectable()
export class RequestLog {
  constructor(
    @Inject(Log) private readonly log: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Audit) private readonly audit: Logger,
  ) {}

  answered(exchange: Exchange, context: RequestContext, answer: Answer, delivery: Delivery): void {
    this.measure(exchange, context, delivery, answer.layer);
    this.save(exchange, answer, delivery);
    const errorCode = delivery.error === undefined ? undefined : asGatewayError(delivery.error).code;
    endTrace(exchange, context, { delivery, layer: answer.layer, errorCode });
    if (delivery.outcome === 'broken') this.metrics.error(asGatewayError(delivery.error).code);
    const line = {
      ...this.common(exchange, context, delivery),
      layer: answer.layer,
      provider: answer.provider,
      model: answer.stored?.model ?? answer.model,
    };
    if (delivery.outcome === 'broken') this.log.warn({ ...line, error: describe(delivery.error) }, 'request');
    else this.log.info(line, 'request');
  }

  failed(exchange: Exchange, context: RequestContext | undefined, delivery: Delivery, error: unknown): void {
    const { code, fault, status } = asGatewayError(error);
    // Where such an error ends is told to the client in the same way (send-answer.ts).
    const layer = fault === 'upstream' ? 'l3' : [401, 403, 429].includes(status) ? 'l0' : undefined;
    this.measure(exchange, context, delivery, layer);
    endTrace(exchange, context, { delivery, layer, errorCode: code });
    if (delivery.outcome !== 'left') this.metrics.error(code);
    if (layer === 'l0') this.tellRefusal(exchange, status, code);
    const line = { ...this.common(exchange, context, delivery), error: describe(error) };
    if (delivery.status >= 500) this.log.error(line, 'request');
    else this.log.info(line, 'request');
  }

  private measure(
    { startedAt, trail }: Exchange,
    context: RequestContext | undefined,
    delivery: Delivery,
    layer: LayerName | undefined,
  ): void {
    const { metrics } = this;
    const request = { layer, outcome: outcomeOf(delivery), operation: context?.operation, status: delivery.status };
    metrics.request(request, (performance.now() - startedAt) / 1_000);
    for (const { layer: name, ms } of trail.timings) metrics.layer(name, ms / 1_000);
    const cache = trail.cache === undefined ? undefined : readCacheEvent(trail.cache);
    if (cache !== undefined) metrics.cacheEvent(cache.event, cache.why);
  }

  /** Who was refused, and why: of a caller without a good key nothing is known. */
  private tellRefusal(
    { id: requestId, span, path, principal, fromEdge }: Exchange,
    status: number,
    code: string,
  ): void {
    const { tenant, keyName: key } = principal ?? {};
    const line = {
      requestId,
      traceId: span.traceId,
      path: path.slice(0, MAX_PATH),
      tenant,
      key,
      fromEdge,
      status,
      code,
    };
    this.audit.info(line, 'a caller was refused');
  }

  /** What the answer spared, as far as its model counted tokens. */
  private save({ trail }: Exchange, { layer, model, usage, stored }: Answer, { status }: Delivery): void {
    if (layer === 'l0' || layer === 'l3' || !isDeflected(layer, status)) return;
    const counted = usage ?? stored?.usage ?? trail.usage;
    if (counted) this.metrics.saved({ layer, model: stored?.model ?? model, usage: counted });
  }

  private common(exchange: Exchange, context: RequestContext | undefined, delivery: Delivery) {
    return {
      requestId: exchange.id,
      traceId: exchange.span.traceId,
      path: exchange.path.slice(0, MAX_PATH),
      operation: context?.operation,
      tenant: exchange.principal?.tenant,
      key: exchange.principal?.keyName,
      stream: context?.request.stream,
      status: delivery.status,
      outcome: delivery.outcome,
      cache: exchange.trail.cache,
      semantic: exchange.trail.semantic,
      similarity: exchange.trail.similarity,
      route: exchange.trail.route,
      ms: Math.round((performance.now() - exchange.startedAt) * 100) / 100,
      ...(exchange.trail.faults.length > 0 ? { faults: exchange.trail.faults } : {}),
    };
  }
}

function outcomeOf({ outcome, status }: Delivery): RequestOutcome {
  if (outcome !== 'complete') return outcome;
  if (status < 400) return 'ok';
  return status < 500 ? 'refused' : 'failed';
}

/** A code and, for what nobody foresaw or the provider did, the cause: its own words, never the request's. */
function describe(error: unknown): { code: string; cause?: string } {
  if (!(error instanceof GatewayError)) return { code: 'internal', cause: causeOf(error) };
  // What a caller's body made a parser say may quote the body.
  return error.cause === undefined || error.fault === 'caller'
    ? { code: error.code }
    : { code: error.code, cause: causeOf(error.cause) };
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.stack ?? error.message}`.slice(0, 2_000);
}
