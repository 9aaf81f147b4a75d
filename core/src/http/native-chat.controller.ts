import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** Isartor's own surface: a prompt in, a message out. */
@Controller()
export class NativeChatController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post(['api/chat', 'api/v1/chat'])
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('native.chat', request, reply);
  }
}
