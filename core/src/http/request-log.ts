import { Inject, Injectable } from '@nestjs/common';
import { GatewayError } from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import type { Exchange } from './exchange.ts';
import type { Delivery } from './send-answer.ts';

/** One line per request: where it went and how long it took, and nothing that anybody wrote. */
@Injectable()
export class RequestLog {
  constructor(@Inject(Log) private readonly log: Logger) {}

  answered(exchange: Exchange, context: RequestContext, answer: Answer, delivery: Delivery): void {
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
    const line = { ...this.common(exchange, context, delivery), error: describe(error) };
    if (delivery.status >= 500) this.log.error(line, 'request');
    else this.log.info(line, 'request');
  }

  private common(exchange: Exchange, context: RequestContext | undefined, delivery: Delivery) {
    return {
      requestId: exchange.id,
      path: exchange.path,
      operation: context?.operation,
      tenant: exchange.principal?.tenant,
      key: exchange.principal?.keyName,
      stream: context?.request.stream,
      status: delivery.status,
      outcome: delivery.outcome,
      cache: exchange.trail.cache,
      ms: Math.round((performance.now() - exchange.startedAt) * 100) / 100,
      ...(exchange.trail.faults.length > 0 ? { faults: exchange.trail.faults } : {}),
    };
  }
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
