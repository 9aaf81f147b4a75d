import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readEdgeHits } from '../usage/edge-hits.ts';
import { RequestCosts } from '../usage/request-costs.ts';
import { UsageLedger } from '../usage/usage-ledger.port.ts';
import { sendJson } from './send-json.ts';

/** Where the edge tells of the hits that it has answered by itself, so that they are counted with all others. */
@Controller('api/v1/usage/hits')
export class HitsController {
  constructor(
    @Inject(UsageLedger) private readonly ledger: UsageLedger,
    @Inject(RequestCosts) private readonly costs: RequestCosts,
  ) {}

  @Post()
  count(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const hits = readEdgeHits(request.body);
    for (const { usage, ...hit } of hits) {
      this.ledger.add({ ...hit, layer: 'l1a', usage, spentUsd: 0, savedUsd: this.costs.ofCall(hit.model, usage) });
    }
    sendJson(reply, 200, { counted: hits.length });
  }
}
