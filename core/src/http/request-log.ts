import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, nanoUsd, type LayerName } from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { Audit } from '../telemetry/audit.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { Metrics, readCacheEvent, type RequestOutcome } from '../telemetry/metrics.port.ts';
import { RequestCosts, type RequestCost } from '../usage/request-costs.ts';
import { UsageLedger } from '../usage/usage-ledger.port.ts';
import { asGatewayError } from './as-gateway-error.ts';
import { endTrace } from './end-trace.ts';
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
    @Inject(RequestCosts) private readonly costs: RequestCosts,
    @Inject(UsageLedger) private readonly ledger: UsageLedger,
  ) {}

  answered(exchange: Exchange, context: RequestContext, answer: Answer, delivery: Delivery): void {
    this.measure(exchange, context, delivery, answer.layer);
    const cost = this.costs.of(answer, exchange.trail);
    if (cost !== undefined) this.save(answer, cost, delivery);
    this.count(exchange, answer, cost);
    const errorCode = delivery.error === undefined ? undefined : asGatewayError(delivery.error).code;
    endTrace(exchange, context, { delivery, layer: answer.layer, errorCode });
    if (delivery.outcome === 'broken') this.metrics.error(asGatewayError(delivery.error).code);
    const line = {
      ...this.common(exchange, context, delivery),
      layer: answer.layer,
      provider: answer.provider,
      model: answer.stored?.model ?? answer.model,
      ...(cost !== undefined && toldOf(cost, answer.layer)),
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
  private save({ layer }: Answer, { usage, savedUsd: usd, spentUsd }: RequestCost, { status }: Delivery): void {
    if (spentUsd > 0 || status < 200 || status >= 300) return;
    if (layer !== 'l3' || usd > 0) this.metrics.saved({ layer, usd, usage });
  }

  /** A request, and what it spared; what was spent is counted by the call, which outlives a client that leaves. */
  private count({ principal, trail }: Exchange, answer: Answer, cost: RequestCost | undefined): void {
    if (principal === undefined) return;
    const { tenant, keyName: key } = principal;
    const { layer } = answer;
    // As the call to the provider names it, so that both come to one row.
    const model = (layer === 'l3' ? answer.model : (answer.stored?.model ?? answer.model)) ?? '';
    const isCalled = layer === 'l3' && trail.cache !== 'coalesced';
    // Whoever shares an answer of l3 has not used its tokens again.
    const usage = layer === 'l3' ? undefined : cost?.usage;
    const savedUsd = isCalled ? 0 : (cost?.savedUsd ?? 0);
    this.ledger.add({ tenant, key, model, layer, requests: 1, usage, spentUsd: 0, savedUsd });
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

/** In whole billionths of a dollar, as the header tells it. */
function toldOf({ usage, spentUsd, savedUsd, isPriced }: RequestCost, layer: LayerName) {
  const isStored = layer === 'l1a' || layer === 'l1b';
  return {
    ...(!isStored && { usage }),
    ...(isPriced && { spentUsd: nanoUsd(spentUsd) / 1e9, savedUsd: nanoUsd(savedUsd) / 1e9 }),
  };
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
