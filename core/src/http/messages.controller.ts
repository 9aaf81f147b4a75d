import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** Anthropic's messages, and the count of their tokens. */
@Controller()
export class MessagesController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post('v1/messages')
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('anthropic.messages', request, reply);
  }

  @Post('v1/messages/count_tokens')
  count(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('anthropic.count_tokens', request, reply);
  }
}
