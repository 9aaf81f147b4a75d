import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** OpenAI's embeddings. */
@Controller()
export class EmbeddingsController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post('v1/embeddings')
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('openai.embeddings', request, reply);
  }
}
