import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OperationService } from './operation.service.ts';

/** Gemini's generation; which model and how stands in the path, which admission has read. */
@Controller()
export class GeminiController {
  constructor(@Inject(OperationService) private readonly operations: OperationService) {}

  @Post(['v1beta/*', 'v1/models/*', 'v1/tunedModels/*'])
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.operations.answer('gemini.generate', request, reply);
  }
}
