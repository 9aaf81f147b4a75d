import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { exchangeOf } from './exchange.ts';
import { RequestLog } from './request-log.ts';
import { sendError } from './send-answer.ts';

/** Whatever a controller or a hook threw becomes a response here. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(RequestLog) private readonly requestLog: RequestLog) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const delivery = sendError(http.getResponse<FastifyReply>(), error);
    this.requestLog.failed(exchangeOf(http.getRequest<FastifyRequest>()), undefined, delivery, error);
  }
}
