import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { GatewayError } from '@isartor/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readFeedback } from '../feedback/feedback-request.ts';
import { Feedback } from '../feedback/feedback.ts';
import { exchangeOf } from './exchange.ts';
import { sendJson } from './send-json.ts';

/** Where callers report a stored answer that was wrong. */
@Controller('api/v1/feedback')
export class FeedbackController {
  constructor(@Inject(Feedback) private readonly feedback: Feedback) {}

  @Post()
  async report(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { principal, id: requestId } = exchangeOf(request);
    if (principal === undefined) throw new GatewayError('internal', 'A report came in without having been admitted.');
    const { entry } = readFeedback(request.body);
    sendJson(reply, 200, await this.feedback.report({ principal, entry, requestId }));
  }
}
