import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** OpenAI's older text completions. */
@Controller()
export class CompletionsController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post('v1/completions')
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('openai.completions', request, reply);
  }
}
