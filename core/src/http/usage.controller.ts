import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { GatewayError } from '@isartor/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UsageLedger } from '../usage/usage-ledger.port.ts';
import { csvOf, reportOf } from '../usage/usage-report.ts';
import { readUsageRequest, type UsageRequest } from '../usage/usage-request.ts';
import { exchangeOf, type Exchange } from './exchange.ts';
import { commonHeaders } from './response-headers.ts';
import { sendJson } from './send-json.ts';

/** What was used and what it cost: to a caller that of its tenant, to the holder of the admin key everybody's. */
@Controller('api/v1/usage')
export class UsageController {
  constructor(@Inject(UsageLedger) private readonly ledger: UsageLedger) {}

  @Get()
  async tell(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const exchange = exchangeOf(request);
    const asked = readUsageRequest(exchange.query, Date.now());
    const { fromHour, toHour } = asked;
    const rows = await this.ledger.read({ fromHour, toHour, tenant: tenantOf(exchange, asked) });
    const report = reportOf(rows, asked, this.ledger.of);
    if (asked.format === 'json') {
      sendJson(reply, 200, report);
      return;
    }
    void reply.code(200).headers(commonHeaders(exchange)).type('text/csv; charset=utf-8').send(csvOf(report, asked));
  }
}

/** Who has no tenant was admitted by the admin key. */
function tenantOf({ principal }: Exchange, { tenant }: UsageRequest): string | undefined {
  if (principal === undefined || tenant === undefined) return principal?.tenant ?? tenant;
  if (tenant === principal.tenant) return tenant;
  throw new GatewayError('admin_only', 'A key is told of its own tenant: the admin key of all.', { param: 'tenant' });
}
