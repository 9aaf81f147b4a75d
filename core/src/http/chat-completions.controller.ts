import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** OpenAI's chat. */
@Controller()
export class ChatCompletionsController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post('v1/chat/completions')
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('openai.chat', request, reply);
  }
}
