import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import { GatewayError } from '@isartor/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readExplainRequest } from '../explain/explain-request.ts';
import { Explain } from '../explain/explain.ts';
import { exchangeOf } from './exchange.ts';
import { sendJson } from './send-json.ts';

/** Where callers ask what would become of a request, and why. */
@Controller('api/v1/explain')
export class ExplainController {
  constructor(@Inject(Explain) private readonly explain: Explain) {}

  @Post()
  async answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { principal, lease, id: requestId } = exchangeOf(request);
    if (principal === undefined || lease === undefined) {
      throw new GatewayError('internal', 'A request came in without having been admitted.');
    }
    const client = new AbortController();
    reply.raw.once('close', () => client.abort());
    const asker = { principal, lease, requestId, signal: client.signal };
    sendJson(reply, 200, await this.explain.explain(readExplainRequest(request.body), asker));
  }
}
