import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** OpenAI's responses. */
@Controller()
export class ResponsesController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post('v1/responses')
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('openai.responses', request, reply);
  }
}
